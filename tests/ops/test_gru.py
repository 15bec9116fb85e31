from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Graph
from simref.interpreter import run
from simref.ops.gru import Attributes
from tests.executions import check_executions
from tests.ops.layer_cases import Layers, close, number_inputs
from tests.ops.recurrent_cases import (
    FORMULAS,
    Shape3,
    activations,
    add_layer,
    error_of,
    gates,
    recurrent_graph,
    shapes,
    walked,
    weights,
)
from tests.oracle import Array

BOTH = ("hidden", "sequence")


def sample() -> Graph:
    """Three steps."""
    return recurrent_graph("GRU", (1, 3, 4), weights(3, 4, 5, biases=2), Attributes(results=BOTH), 1)


def formula(x: Array, constants: list[Array], attributes: Attributes, h: Array) -> Array:
    """float64 sequence."""
    a, act = FORMULAS[attributes.recurrent_activation], FORMULAS[attributes.activation]
    expected = []
    w, r, b, rb = (np.split(constant, 3) for constant in constants)
    for step in np.moveaxis(walked(x, attributes.go_backwards), 2, 0):
        z, reset = (a(step @ w[k].T + b[k] + h @ r[k].T + rb[k]) for k in (0, 1))
        if attributes.reset_after:
            new = act(step @ w[2].T + b[2] + reset * (h @ r[2].T + rb[2]))
        else:
            new = act(step @ w[2].T + b[2] + (reset * h) @ r[2].T + rb[2])
        h = z * h + (1 - z) * new
        expected.append(h)
    return np.stack(expected, axis=2)


@given(
    shapes, st.integers(1, 9), activations, gates, st.booleans(), st.booleans(), st.integers(0, 1),
    st.integers(0, 999),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_the_result_is_that_of_the_formula(
    shape: Shape3, units: int, activation: str, recurrent: str, after: bool, backwards: bool, states: int, seed: int
) -> None:
    constants = weights(3, shape[2], units, biases=2, seed=seed)
    attributes = Attributes(activation, recurrent, after, backwards, ("sequence", "hidden"))
    graph = recurrent_graph("GRU", shape, constants, attributes, states)
    x, *first = number_inputs(graph, seed=seed)
    h = first[0].astype(np.float64) if first else np.zeros((len(x), shape[0], units))
    expected = formula(x, constants, attributes, h)
    for engine in ("numpy", "numba"):
        sequence, hidden = run(graph, [x, *first], engine=engine)
        close(sequence, expected, error_of(activation))
        np.testing.assert_array_equal(hidden, sequence[:, :, -1])


def test_executions_agree() -> None:
    layers = Layers()
    for k, activation in enumerate(FORMULAS):
        results = (("sequence",), ("hidden",), BOTH)[k % 3]
        for after in (True, False):
            attributes = Attributes(activation, "sigmoid", after, k % 2 == 0, results)
            constants = weights(3, 4, 2 + k, biases=2)
            add_layer(layers, "GRU", (1 + k % 2, 2 + k % 2, 4), constants, attributes, int(k % 4 > 1))
    add_layer(layers, "GRU", (1, 1, 1), weights(3, 1, 1, biases=0), Attributes())
    graph = layers.graph()
    check_executions(graph, number_inputs(graph))
    check_executions(graph, number_inputs(graph, special=0.1), cores=["cm0plus", "cm7"])


@pytest.mark.parametrize("after", [True, False])
def test_it_is_close_to_keras(after: bool) -> None:
    keras = pytest.importorskip("keras")
    w, r, b, rb = weights(3, 6, 9, biases=2)
    layer = keras.layers.GRU(9, return_sequences=True, reset_after=after)
    layer.build((1, 7, 6))
    layer.set_weights([w.T, r.T, np.stack([b, rb]) if after else b])
    constants = [w, r, b, rb] if after else [w, r, b]
    graph = recurrent_graph("GRU", (1, 7, 6), constants, Attributes(reset_after=after))
    (x,) = number_inputs(graph)
    close(run(graph, x)[0][:, 0], np.asarray(layer(x[:, 0])), 2e-6)
