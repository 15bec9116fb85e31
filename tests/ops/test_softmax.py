from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.importers.tflite import import_tflite
from simref.interpreter import run
from tests.build_tflite import TensorSpec
from tests.executions import check_everywhere, check_reference
from tests.ops.elementwise_cases import int8_values
from tests.ops.lookup_cases import unary_model


def softmax_model(shape: tuple[int, ...], scale: float, beta: float = 1.0) -> bytes:
    x, y = TensorSpec("x", shape, scale=scale, zero_point=3), TensorSpec("y", shape, scale=1 / 256, zero_point=-128)
    return unary_model("SOFTMAX", x, y, {"beta": beta})


def sample() -> bytes:
    """Two rows of ten."""
    return softmax_model((2, 10), 0.09)


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 6), min_size=0, max_size=3),
    st.integers(1, 40),
    st.floats(2**-17, 200, width=32),
    st.floats(0.125, 8, width=32),
)
@settings(max_examples=150, deadline=None)
def test_reference_equals_oracle(seed: int, outer: list[int], depth: int, scale: float, beta: float) -> None:
    shape = (*outer, depth)
    check_reference(softmax_model(shape, scale, beta), [int8_values(seed, (2, *shape))])


def extreme_rows(depth: int) -> np.ndarray:
    rows = np.stack([np.full((1, depth), 127), np.full((1, depth), -128), np.arange(depth)[None] % 256 - 128])
    return rows.astype(np.int8)


@pytest.mark.parametrize("scale", [1e-7, 0.001, 0.09, 1.0, 1e6])
@pytest.mark.parametrize("depth", [1, 2, 511])
def test_extremes_equal_oracle(scale: float, depth: int) -> None:
    check_reference(softmax_model((1, depth), scale), [extreme_rows(depth)])


@pytest.mark.parametrize("depth", [512, 1000, 4095])
def test_where_tflite_aborts_every_share_is_nothing(depth: int) -> None:
    model = softmax_model((1, depth), 0.01)
    graph, rows = import_tflite(model), extreme_rows(depth)
    assert (run(graph, rows[:2])[0] == -128).all()
    check_everywhere(model, [rows], oracle=False, cores=["cm0plus", "cm7"])


@pytest.mark.parametrize("scale", [1e-4, 0.09, 3.0])
def test_everywhere(scale: float) -> None:
    check_everywhere(softmax_model((3, 17), scale), [int8_values(1, (4, 3, 17))])
