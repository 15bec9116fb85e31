from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_on_host, check_reference, dtypes, movement_model, shapes, stored
from tests.oracle import random_inputs


def broadcast(shape: Shape, target: Shape, dtype: str = "int8") -> bytes:
    return movement_model("BROADCAST_TO", [shape], [target], dtype=dtype, after=[stored("shape", target)], version=2)


def sample() -> bytes:
    return broadcast((4, 1, 3), (1, 4, 5, 3))


@st.composite
def cases(draw: st.DrawFn) -> bytes:
    target = draw(shapes(1, 6, 4))
    shape = tuple(draw(st.sampled_from([1, size])) for size in target)
    return broadcast(shape[draw(st.integers(0, len(shape) - 1)) :], target, draw(dtypes))


@given(cases())
@settings(max_examples=60, deadline=None)
def test_reference_equals_oracle(model: bytes) -> None:
    check_reference(model)


@given(cases())
@settings(max_examples=30, deadline=None)
def test_c_equals_reference(model: bytes) -> None:
    check_on_host(model)


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
