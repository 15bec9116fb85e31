from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Graph
from simref.interpreter import run
from simref.ops.layer_normalization import Attributes
from tests.executions import check_executions
from tests.ops.layer_cases import Layers, close, graph_of, magnified, number_inputs
from tests.oracle import Array


def affine(shape: tuple[int, ...], axis: int) -> list[Array]:
    return list(np.random.default_rng(1).normal(0, 2, (2, *shape[axis:])).astype(np.float32))


def sample() -> Graph:
    """Three rows of ten."""
    return graph_of("LAYER_NORMALIZATION", (3, 10), Attributes(-1, 1e-3), constants=affine((3, 10), -1))


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.integers(0, 3),
    st.sampled_from([1e-5, 1e-3, 0.5]),
    st.sampled_from([(True, True), (True, False), (False, True), (False, False)]),
)
@settings(max_examples=60, deadline=None)
def test_the_result_is_that_of_the_formula(
    seed: int, shape: list[int], axis: int, epsilon: float, present: tuple[bool, bool]
) -> None:
    axis %= len(shape)
    given_ones = affine(tuple(shape), axis)
    constants = [v if there else None for v, there in zip(given_ones, present, strict=True)]
    graph = graph_of("LAYER_NORMALIZATION", tuple(shape), Attributes(axis, epsilon), constants=constants)
    (x,) = number_inputs(graph, seed=seed)
    exact, axes = x.astype(np.float64), tuple(range(axis + 1, len(shape) + 1))
    deviation = np.sqrt(exact.var(axes, keepdims=True) + epsilon)
    y = (exact - exact.mean(axes, keepdims=True)) / deviation
    gamma, beta = (v if there else float(k == 0) for k, (v, there) in enumerate(zip(given_ones, present, strict=True)))
    for engine in ("numpy", "numba"):
        close(run(graph, x, engine=engine)[0], y * gamma + beta, 2e-6 * magnified(exact, deviation))


def test_executions_agree() -> None:
    layers = Layers()
    for shape, axis in (((3, 17), 1), ((2, 4, 6), 1), ((2, 4, 6), -1), ((7,), 0), ((4, 1), 1)):
        gamma, beta = affine(shape, axis)
        layers.add("LAYER_NORMALIZATION", shape, Attributes(axis, 1e-3), constants=[gamma, beta])
        layers.add("LAYER_NORMALIZATION", shape, Attributes(axis, 1e-3), constants=[gamma])
    layers.add("LAYER_NORMALIZATION", (2, 9), Attributes(1, 1e-3), constants=[None, affine((9,), 0)[1]])
    layers.add("LAYER_NORMALIZATION", (2, 9), Attributes(1, 0.0))
    computed = [layers.builder.input(name, shape) for name, shape in (("x", (2, 9)), ("gamma", (9,)), ("beta", (9,)))]
    layers.add_to("LAYER_NORMALIZATION", computed, Attributes(1, 1e-3))
    graph = layers.graph()
    check_executions(graph, number_inputs(graph))
    check_executions(graph, number_inputs(graph, special=0.1), cores=["cm0plus", "cm7"])
