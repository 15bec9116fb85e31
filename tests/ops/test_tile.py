from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.emit import generate
from simref.importers.tflite import import_tflite
from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_on_host, check_reference, dtypes, movement_model, shapes, stored
from tests.oracle import random_inputs


def tiled(shape: Shape, multiples: list[int], dtype: str = "int8") -> bytes:
    target = [size * times for size, times in zip(shape, multiples, strict=True)]
    return movement_model("TILE", [shape], [target], dtype=dtype, after=[stored("multiples", multiples)])


def sample() -> bytes:
    return tiled((1, 3, 2, 5), [1, 2, 3, 1])


@st.composite
def cases(draw: st.DrawFn) -> bytes:
    shape = draw(shapes(1, 5, 4))
    return tiled(shape, [draw(st.integers(1, 3)) for _ in shape], draw(dtypes))


@given(cases())
@settings(max_examples=60, deadline=None)
def test_reference_equals_oracle(model: bytes) -> None:
    check_reference(model)


@given(cases())
@settings(max_examples=30, deadline=None)
def test_c_equals_reference(model: bytes) -> None:
    check_on_host(model)


@pytest.mark.parametrize("dtype", ["int8", "int64"])
@pytest.mark.parametrize("shape", [(2, 3, 2, 3, 2), (2, 2, 2, 2, 1)])
def test_more_dimensions_than_the_copy_has_loops(shape: Shape, dtype: str) -> None:
    model = tiled(shape, [2, 3, 2, 2, 3], dtype)
    check_on_host(model)
    (code,) = generate(import_tflite(model)).layers
    assert len(code.calls) > 1


def test_repeating_nothing_takes_no_code() -> None:
    assert generate(import_tflite(tiled((1, 4, 3), [1, 1, 1]))).entry_points == (None,)


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
