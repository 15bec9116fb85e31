from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Graph
from simref.importers.tflite import import_tflite
from simref.interpreter import run
from simref.ops.softmax import Attributes
from tests.build_tflite import TensorSpec
from tests.executions import check_everywhere, check_executions, check_reference
from tests.ops.elementwise_cases import int8_values
from tests.ops.layer_cases import Layers, close, graph_of, number_inputs
from tests.ops.lookup_cases import unary_model
from tests.oracle import run_reference


def softmax_model(shape: tuple[int, ...], scale: float, beta: float = 1.0) -> bytes:
    x, y = TensorSpec("x", shape, scale=scale, zero_point=3), TensorSpec("y", shape, scale=1 / 256, zero_point=-128)
    return unary_model("SOFTMAX", x, y, {"beta": beta})


def samples() -> list[bytes | Graph]:
    """Two rows of ten."""
    return [softmax_model((2, 10), 0.09), graph_of("SOFTMAX", (2, 10), Attributes(1.0))]


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


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
    st.integers(-4, 3),
    st.floats(0.125, 8, width=32),
)
@settings(max_examples=60, deadline=None)
def test_floats_are_those_of_the_formula(seed: int, shape: list[int], axis: int, beta: float) -> None:
    axis = axis % len(shape) if axis >= 0 else -1
    graph = graph_of("SOFTMAX", tuple(shape), Attributes(beta, axis))
    (x,) = number_inputs(graph, seed=seed)
    exps = np.exp(beta * x.astype(np.float64))
    expected = exps / exps.sum(axis=axis + 1 if axis >= 0 else axis, keepdims=True)
    for engine in ("numpy", "numba"):
        close(run(graph, x, engine=engine)[0], expected)


def test_executions_of_floats_agree() -> None:
    layers = Layers()
    for shape, axis in (((3, 17), -1), ((1, 10), 1), ((5, 4, 6), 0), ((5, 4, 6), 1), ((7,), 0), ((4, 1), 1)):
        layers.add("SOFTMAX", shape, Attributes(1.0, axis))
    layers.add("SOFTMAX", (2, 3, 9), Attributes(0.3))
    graph = layers.graph()
    check_executions(graph, number_inputs(graph))
    check_executions(graph, number_inputs(graph, special=0.1), cores=["cm0plus", "cm7"])


def test_floats_are_close_to_those_of_tflite() -> None:
    shape = (2, 3, 20)
    model = unary_model("SOFTMAX", TensorSpec("x", shape, "float32"), TensorSpec("y", shape, "float32"), {"beta": 0.7})
    (x,) = number_inputs(import_tflite(model))
    close(run(import_tflite(model), x)[0], run_reference(model, [x])["y"])
