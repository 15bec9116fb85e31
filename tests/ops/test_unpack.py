from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_on_host, check_reference, dtypes_but, movement_model, shapes
from tests.oracle import random_inputs


def unpacked(shape: Shape, axis: int, dtype: str = "int8") -> bytes:
    place = axis % len(shape)
    target = (*shape[:place], *shape[place + 1 :])
    options = {"axis": axis, "num": shape[axis]}
    return movement_model("UNPACK", [shape], [target] * shape[axis], dtype=dtype, options=options)


def sample() -> bytes:
    return unpacked((1, 3, 4, 5), 2)


@st.composite
def cases(draw: st.DrawFn) -> bytes:
    shape = draw(shapes(1, 5))
    return unpacked(shape, draw(st.integers(-len(shape), len(shape) - 1)), draw(dtypes_but("int64")))


@given(cases())
@settings(max_examples=60, deadline=None)
def test_reference_equals_oracle(model: bytes) -> None:
    check_reference(model)


@given(cases())
@settings(max_examples=20, deadline=None)
def test_c_equals_reference(model: bytes) -> None:
    check_on_host(model)


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
