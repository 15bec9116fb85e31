from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.check import check_graph
from simref.errors import ModelError, UnsupportedError
from simref.importers.tflite import import_tflite
from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_on_host, check_reference, dtypes, movement_model, shapes, stored
from tests.oracle import random_inputs


def sliced(shape: Shape, begin: list[int], size: list[int], target: list[int], dtype: str = "int8") -> bytes:
    operands = [stored("begin", begin), stored("size", size)]
    return movement_model("SLICE", [shape], [target], dtype=dtype, after=operands)


def sample() -> bytes:
    return sliced((1, 6, 5, 4), [0, 1, 2, 0], [1, 3, -1, 4], [1, 3, 3, 4])


@st.composite
def cases(draw: st.DrawFn) -> bytes:
    shape = draw(shapes(1, 5, 9))
    begin = [draw(st.integers(0, n - 1)) for n in shape]
    target = [draw(st.integers(1, n - b)) for n, b in zip(shape, begin, strict=True)]
    reaches_end = [b + s == n for n, b, s in zip(shape, begin, target, strict=True)]
    size = [-1 if end and draw(st.booleans()) else s for s, end in zip(target, reaches_end, strict=True)]
    return sliced(shape, begin, size, target, draw(dtypes))


@given(cases())
@settings(max_examples=60, deadline=None)
def test_reference_equals_oracle(model: bytes) -> None:
    check_reference(model)


@given(cases())
@settings(max_examples=20, deadline=None)
def test_c_equals_reference(model: bytes) -> None:
    check_on_host(model)


@pytest.mark.parametrize(("begin", "size"), [([0, 3], [2, 3]), ([-1, 0], [1, 1]), ([0, 5], [2, -1])])
def test_slice_outside_is_refused(begin: list[int], size: list[int]) -> None:
    model = sliced((2, 5), begin, size, [1, 1])
    with pytest.raises(UnsupportedError, match="not inside the input"):
        check_graph(import_tflite(model))


def test_wrong_size_is_refused() -> None:
    with pytest.raises(ModelError, match="size is"):
        import_tflite(sliced((2, 5), [0, 0], [2, -2], [1, 1]))


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
