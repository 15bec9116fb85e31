from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.errors import ModelError
from simref.importers.tflite import import_tflite
from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_reference, dtypes, movement_model, shapes
from tests.oracle import random_inputs


def sample() -> bytes:
    return movement_model("SQUEEZE", [(1, 4, 1, 6)], [(1, 4, 6)], options={"squeezeDims": [2]})


@st.composite
def cases(draw: st.DrawFn) -> tuple[Shape, list[int], Shape]:
    """An input shape, the dimensions listed, and the output shape."""
    shape = draw(shapes(0, max_size=2))
    ones = [axis for axis, size in enumerate(shape) if size == 1]
    listed = draw(st.lists(st.sampled_from(ones), max_size=5)) if ones else []
    dropped = listed or ones
    written = [axis - len(shape) if draw(st.booleans()) else axis for axis in listed]
    return shape, written, tuple(size for axis, size in enumerate(shape) if axis not in dropped)


@given(cases(), dtypes)
@settings(max_examples=60, deadline=None)
def test_reference_equals_oracle(case: tuple[Shape, list[int], Shape], dtype: str) -> None:
    shape, listed, target = case
    check_reference(movement_model("SQUEEZE", [shape], [target], dtype=dtype, options={"squeezeDims": listed}))


@pytest.mark.parametrize(("axis", "why"), [(1, "of size 4, must be of size 1"), (4, "is 4, must be -4 to 3")])
def test_wrong_dimension_is_refused(axis: int, why: str) -> None:
    model = movement_model("SQUEEZE", [(1, 4, 1, 6)], [(1, 4, 6)], options={"squeezeDims": [axis]})
    with pytest.raises(ModelError, match=why):
        import_tflite(model)


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
