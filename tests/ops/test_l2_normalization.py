from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Graph
from simref.importers.tflite import import_tflite
from simref.interpreter import run
from simref.ops.l2_normalization import Attributes
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.executions import check_executions
from tests.ops.layer_cases import Layers, close, graph_of, number_inputs
from tests.oracle import run_reference


def sample() -> Graph:
    """Three rows of ten."""
    return graph_of("L2_NORMALIZATION", (3, 10), Attributes(1e-12))


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.sampled_from([0.0, 1e-12, 0.5, 10.0]),
)
@settings(max_examples=60, deadline=None)
def test_the_result_is_that_of_the_formula(seed: int, shape: list[int], epsilon: float) -> None:
    graph = graph_of("L2_NORMALIZATION", tuple(shape), Attributes(epsilon))
    (x,) = number_inputs(graph, seed=seed)
    exact = x.astype(np.float64)
    expected = exact / np.maximum(np.sqrt((exact**2).sum(-1, keepdims=True)), epsilon)
    for engine in ("numpy", "numba"):
        close(run(graph, x, engine=engine)[0], expected)


def test_executions_agree() -> None:
    layers = Layers()
    for shape in ((2, 5, 4, 3), (3, 17), (7,), (2, 1)):
        for epsilon in (0.0, 1e-12, 3.0):
            layers.add("L2_NORMALIZATION", shape, Attributes(epsilon))
    graph = layers.graph()
    check_executions(graph, number_inputs(graph))
    check_executions(graph, number_inputs(graph, special=0.1), cores=["cm0plus", "cm7"])


def test_it_is_close_to_tflite() -> None:
    tensors = [TensorSpec("x", (4, 20), "float32"), TensorSpec("y", (4, 20), "float32")]
    model = build_model(tensors, [OperatorSpec("L2_NORMALIZATION", ["x"], ["y"])], ["x"], ["y"])
    (x,) = number_inputs(import_tflite(model))
    x[0, 0] = 1e-9
    close(run(import_tflite(model), x)[0], run_reference(model, [x])["y"])
