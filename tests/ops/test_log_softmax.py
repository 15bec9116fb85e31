from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Graph
from simref.importers.tflite import import_tflite
from simref.interpreter import run
from simref.ops.log_softmax import Attributes
from tests.build_tflite import TensorSpec
from tests.executions import check_executions
from tests.ops.layer_cases import Layers, close, graph_of, number_inputs
from tests.ops.lookup_cases import unary_model
from tests.oracle import run_reference


def sample() -> Graph:
    """Two rows of ten."""
    return graph_of("LOG_SOFTMAX", (2, 10), Attributes())


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 12), min_size=1, max_size=4), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_the_result_is_that_of_the_formula(seed: int, shape: list[int], axis: int) -> None:
    axis %= len(shape)
    graph = graph_of("LOG_SOFTMAX", tuple(shape), Attributes(axis))
    (x,) = number_inputs(graph, seed=seed)
    exact = x.astype(np.float64)
    expected = exact - np.log(np.exp(exact).sum(axis=axis + 1, keepdims=True))
    for engine in ("numpy", "numba"):
        close(run(graph, x, engine=engine)[0], expected)


def test_executions_agree() -> None:
    layers = Layers()
    for shape, axis in (((3, 17), -1), ((1, 10), 1), ((5, 4, 6), 0), ((5, 4, 6), 1), ((7,), 0), ((4, 1), 1)):
        layers.add("LOG_SOFTMAX", shape, Attributes(axis))
    graph = layers.graph()
    check_executions(graph, number_inputs(graph))
    check_executions(graph, number_inputs(graph, special=0.1), cores=["cm0plus", "cm7"])


def test_it_is_close_to_tflite() -> None:
    model = unary_model("LOG_SOFTMAX", TensorSpec("x", (4, 20), "float32"), TensorSpec("y", (4, 20), "float32"))
    (x,) = number_inputs(import_tflite(model))
    close(run(import_tflite(model), x)[0], run_reference(model, [x])["y"])
