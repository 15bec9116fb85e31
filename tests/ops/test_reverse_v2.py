from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.errors import ModelError
from simref.importers.tflite import import_tflite
from simref.interpreter import run
from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_on_host, check_reference, dtypes, movement_model, shapes, stored
from tests.oracle import random_inputs


def reversed_model(shape: Shape, axes: list[int], dtype: str = "int8") -> bytes:
    return movement_model("REVERSE_V2", [shape], [shape], dtype=dtype, after=[stored("axis", axes)])


def sample() -> bytes:
    return reversed_model((1, 4, 5, 3), [1, 2])


@st.composite
def cases(draw: st.DrawFn) -> tuple[Shape, list[int]]:
    """TFLite reverses neighbouring axes only, named in order."""
    shape = draw(shapes(1, 5))
    first = draw(st.integers(0, len(shape) - 1))
    return shape, list(range(first, draw(st.integers(first, len(shape) - 1)) + 1))


@given(cases(), dtypes)
@settings(max_examples=60, deadline=None)
def test_reference_equals_oracle(case: tuple[Shape, list[int]], dtype: str) -> None:
    check_reference(reversed_model(*case, dtype))


@given(shapes(1, 6), st.data(), dtypes)
@settings(max_examples=30, deadline=None)
def test_any_axes(shape: Shape, data: st.DataObject, dtype: str) -> None:
    axes = data.draw(st.lists(st.integers(0, len(shape) - 1), unique=True))
    model = reversed_model(shape, [axis - len(shape) for axis in axes], dtype)
    (x,) = random_inputs(model, 2)
    np.testing.assert_array_equal(run(import_tflite(model), x)[0], np.flip(x, tuple(axis + 1 for axis in axes)))
    check_on_host(model)


def test_an_axis_outside_is_refused() -> None:
    with pytest.raises(ModelError, match="axis is 2, must be -2 to 1"):
        import_tflite(reversed_model((2, 3), [2]))


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
