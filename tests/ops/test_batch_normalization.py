from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Graph, Shape
from simref.interpreter import run
from simref.ops._activation import Activation
from simref.ops.batch_normalization import Attributes
from tests.executions import check_executions
from tests.ops.layer_cases import Layers, close, graph_of, number_inputs

RELU6 = Attributes(Activation.RELU6)


def batch_normalization(shape: Shape, attributes: Attributes, seed: int = 0) -> Graph:
    scale, offset = np.random.default_rng(seed).normal(0, 2, (2, shape[-1])).astype(np.float32)
    return graph_of("BATCH_NORMALIZATION", shape, attributes, constants=[scale, offset])


def sample() -> Graph:
    """A small image."""
    return batch_normalization((1, 4, 5, 3), RELU6)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.sampled_from(Activation), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_the_result_is_that_of_the_formula(shape: list[int], activation: Activation, seed: int) -> None:
    graph = batch_normalization(tuple(shape), Attributes(activation), seed)
    (x,) = number_inputs(graph, seed=seed)
    scale, offset = (graph.layers[0].constant(position) for position in (1, 2))
    expected = (x.astype(np.float64) * scale + offset).clip(*activation.value)
    for engine in ("numpy", "numba"):
        close(run(graph, x, engine=engine)[0], expected, 2e-7)


def test_executions_agree() -> None:
    layers, rng = Layers(), np.random.default_rng(1)
    for shape in ((1, 6, 7, 5), (3, 16), (1,)):
        for activation in (Activation.NONE, Activation.RELU, Activation.RELU6):
            constants = list(rng.normal(0, 2, (2, shape[-1])).astype(np.float32))
            layers.add("BATCH_NORMALIZATION", shape, Attributes(activation), constants=constants)
    graph = layers.graph()
    check_executions(graph, number_inputs(graph, special=0.2))
