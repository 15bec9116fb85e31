from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.errors import ModelError
from simref.importers.tflite import import_tflite
from tests.executions import check_everywhere
from tests.ops.movement_cases import (
    Shape,
    check_on_host,
    check_reference,
    dtypes,
    movement_model,
    shapes,
    stored,
)
from tests.oracle import random_inputs


def sample() -> bytes:
    return movement_model("RESHAPE", [(1, 4, 6)], [(1, 3, 8)], after=[stored("shape", (1, -1, 8))])


@st.composite
def cases(draw: st.DrawFn) -> tuple[Shape, Shape, Shape]:
    """An input shape, the shape asked for, and the one that it means."""
    shape = draw(shapes(0))
    target: list[int] = list(draw(st.permutations(list(shape))))
    merges: int = draw(st.integers(0, len(target)))
    for _ in range(merges - 1):
        target[-2:] = [target[-2] * target[-1]]
    asked = list(target)
    is_open = draw(st.booleans())
    if target and is_open:
        asked[draw(st.integers(0, len(target) - 1))] = -1
    return shape, tuple(asked), tuple(target)


@given(cases(), dtypes)
@settings(max_examples=60, deadline=None)
def test_reference_equals_oracle(case: tuple[Shape, Shape, Shape], dtype: str) -> None:
    shape, asked, target = case
    check_reference(movement_model("RESHAPE", [shape], [target], dtype=dtype, after=[stored("shape", asked)]))


def test_shape_in_the_options() -> None:
    check_reference(movement_model("RESHAPE", [(2, 6)], [(3, 4)], options={"newShape": [3, -1]}))
    check_on_host(movement_model("RESHAPE", [(2, 6)], [(3, 4)], options={"newShape": [3, 4]}))


@pytest.mark.parametrize("asked", [(5, 5), (-1, -1), (-2, 12), (0, -1), (7, -1)])
def test_impossible_shape_is_refused(asked: Shape) -> None:
    model = movement_model("RESHAPE", [(4, 6)], [(4, 6)], after=[stored("shape", asked)])
    with pytest.raises(ModelError, match=r'layer 0 RESHAPE "y0": shape is \(.*\), must'):
        import_tflite(model)


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
