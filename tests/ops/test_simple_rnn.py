from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Graph
from simref.interpreter import run
from simref.ops.simple_rnn import Attributes
from tests.executions import check_executions
from tests.ops.layer_cases import Layers, close, number_inputs
from tests.ops.recurrent_cases import (
    FORMULAS,
    Shape3,
    activations,
    add_layer,
    error_of,
    recurrent_graph,
    shapes,
    walked,
    weights,
)

BOTH = ("hidden", "sequence")


def sample() -> Graph:
    """Three steps."""
    return recurrent_graph("SIMPLE_RNN", (1, 3, 4), weights(1, 4, 5), Attributes(results=BOTH), 1)


@given(shapes, st.integers(1, 9), activations, st.booleans(), st.integers(0, 1), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_the_result_is_that_of_the_formula(
    shape: Shape3, units: int, activation: str, backwards: bool, states: int, seed: int
) -> None:
    constants = weights(1, shape[2], units, seed=seed)
    attributes = Attributes(activation, backwards, ("sequence", "hidden"))
    graph = recurrent_graph("SIMPLE_RNN", shape, constants, attributes, states)
    x, *first = number_inputs(graph, seed=seed)
    h = first[0].astype(np.float64) if first else np.zeros((len(x), shape[0], units))
    expected = []
    for step in np.moveaxis(walked(x, backwards), 2, 0):
        h = FORMULAS[activation](step @ constants[0].T + h @ constants[1].T + constants[2])
        expected.append(h)
    for engine in ("numpy", "numba"):
        sequence, hidden = run(graph, [x, *first], engine=engine)
        close(sequence, np.stack(expected, axis=2), error_of(activation))
        np.testing.assert_array_equal(hidden, sequence[:, :, -1])


def test_executions_agree() -> None:
    layers = Layers()
    for k, activation in enumerate(FORMULAS):
        results = (("sequence",), ("hidden",), BOTH)[k % 3]
        attributes = Attributes(activation, k % 2 == 0, results)
        add_layer(layers, "SIMPLE_RNN", (2, 3 + k % 2, 4), weights(1, 4, 4 + k), attributes, int(k % 4 > 1))
    add_layer(layers, "SIMPLE_RNN", (1, 1, 1), weights(1, 1, 1, biases=0), Attributes())
    graph = layers.graph()
    check_executions(graph, number_inputs(graph))
    check_executions(graph, number_inputs(graph, special=0.1), cores=["cm0plus", "cm7"])
