from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Graph
from simref.interpreter import run
from simref.ops.instance_normalization import Attributes
from tests.executions import check_executions
from tests.ops.layer_cases import Layers, close, graph_of, magnified, number_inputs
from tests.oracle import Array


def affine(channels: int) -> list[Array]:
    return list(np.random.default_rng(1).normal(0, 2, (2, channels)).astype(np.float32))


def sample() -> Graph:
    """A small image."""
    return graph_of("INSTANCE_NORMALIZATION", (1, 4, 5, 3), Attributes(1e-3), constants=affine(3))


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 9), min_size=2, max_size=4),
    st.sampled_from([1e-5, 1e-3, 0.5]),
)
@settings(max_examples=60, deadline=None)
def test_the_result_is_that_of_the_formula(seed: int, shape: list[int], epsilon: float) -> None:
    scale, bias = affine(shape[-1])
    graph = graph_of("INSTANCE_NORMALIZATION", tuple(shape), Attributes(epsilon), constants=[scale, bias])
    (x,) = number_inputs(graph, seed=seed)
    exact, axes = x.astype(np.float64), tuple(range(2, len(shape)))
    deviation = np.sqrt(exact.var(axes, keepdims=True) + epsilon)
    y = (exact - exact.mean(axes, keepdims=True)) / deviation
    for engine in ("numpy", "numba"):
        close(run(graph, x, engine=engine)[0], y * scale + bias, 2e-6 * magnified(exact, deviation))


def test_executions_agree() -> None:
    layers = Layers()
    for shape in ((2, 5, 4, 3), (1, 7, 2), (2, 3)):
        scale, bias = affine(shape[-1])
        layers.add("INSTANCE_NORMALIZATION", shape, Attributes(1e-3), constants=[scale, bias])
        layers.add("INSTANCE_NORMALIZATION", shape, Attributes(1e-3), constants=[scale])
        layers.add("INSTANCE_NORMALIZATION", shape, Attributes(1e-3))
    graph = layers.graph()
    check_executions(graph, number_inputs(graph))
    check_executions(graph, number_inputs(graph, special=0.1), cores=["cm0plus", "cm7"])
