from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_reference, dtypes, movement_model, shapes, stored
from tests.oracle import random_inputs


def sample() -> bytes:
    return movement_model("EXPAND_DIMS", [(1, 4, 6)], [(1, 4, 1, 6)], after=[stored("axis", -2)])


@given(shapes(1), st.data(), dtypes)
@settings(max_examples=60, deadline=None)
def test_reference_equals_oracle(shape: Shape, data: st.DataObject, dtype: str) -> None:
    rank = len(shape) + 1
    axis = data.draw(st.integers(-rank, rank - 1))
    place = axis % rank
    target = (*shape[:place], 1, *shape[place:])
    check_reference(movement_model("EXPAND_DIMS", [shape], [target], dtype=dtype, after=[stored("axis", axis)]))


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
