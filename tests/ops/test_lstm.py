from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Graph
from simref.interpreter import run
from simref.ops import operator
from simref.ops.lstm import Attributes
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

ALL = ("sequence", "hidden", "cell")


def sample() -> Graph:
    """Three steps."""
    return recurrent_graph("LSTM", (1, 3, 4), weights(4, 4, 5), Attributes(results=ALL), 2)


def formula(x: Array, constants: list[Array], attributes: Attributes, h: Array, c: Array) -> tuple[Array, Array]:
    """float64 sequence and last cell."""
    a, act = FORMULAS[attributes.recurrent_activation], FORMULAS[attributes.activation]
    expected = []
    for step in np.moveaxis(walked(x, attributes.go_backwards), 2, 0):
        i, f, g, o = np.split(step @ constants[0].T + h @ constants[1].T + constants[2], 4, axis=-1)
        c = a(f) * c + a(i) * act(g)
        h = a(o) * act(c)
        expected.append(h)
    return np.stack(expected, axis=2), c


@given(shapes, st.integers(1, 9), activations, gates, st.booleans(), st.sampled_from([0, 2]), st.integers(0, 999))
@settings(max_examples=60, deadline=None)
def test_the_result_is_that_of_the_formula(
    shape: Shape3, units: int, activation: str, recurrent: str, backwards: bool, states: int, seed: int
) -> None:
    constants = weights(4, shape[2], units, seed=seed)
    attributes = Attributes(activation, recurrent, backwards, ALL)
    graph = recurrent_graph("LSTM", shape, constants, attributes, states)
    x, *first = number_inputs(graph, seed=seed)
    zeros = np.zeros((len(x), shape[0], units))
    expected, cell = formula(x, constants, attributes, *(first or (zeros, zeros)))
    for engine in ("numpy", "numba"):
        sequence, hidden, last = run(graph, [x, *first], engine=engine)
        close(sequence, expected, error_of(activation))
        close(last, cell, error_of(activation))
        np.testing.assert_array_equal(hidden, sequence[:, :, -1])


def test_cells_stay_within_their_bound() -> None:
    graph = recurrent_graph("LSTM", (1, 6, 4), weights(4, 4, 5), Attributes(cell_clip=0.25, results=("cell",)))
    (cell,) = run(graph, number_inputs(graph), engine="numpy")
    assert np.abs(cell).max() == 0.25


def test_executions_agree() -> None:
    layers = Layers()
    add_layer(layers, "LSTM", (1, 4, 3), weights(4, 3, 5), Attributes(cell_clip=0.25, results=ALL))
    subsets = [("sequence",), ("hidden",), ("cell",), ("cell", "sequence"), ("hidden", "cell"), ALL]
    for k, results in enumerate(subsets):
        attributes = Attributes(go_backwards=k % 2 == 0, results=results)
        add_layer(
            layers, "LSTM", (1 + k % 2, 3 + k % 3, 5 - k % 2), weights(4, 5 - k % 2, 3 + k), attributes, 2 * (k % 2)
        )
    for activation in FORMULAS:
        add_layer(layers, "LSTM", (1, 2, 3), weights(4, 3, 2), Attributes(activation, "hard_sigmoid"))
    add_layer(layers, "LSTM", (1, 1, 1), weights(4, 1, 1, biases=0), Attributes())
    graph = layers.graph()
    check_executions(graph, number_inputs(graph))
    check_executions(graph, number_inputs(graph, special=0.1), cores=["cm0plus", "cm7"])


@pytest.mark.parametrize(
    ("steps", "features", "units", "expected"), [(40, 1, 20, 71_200), (28, 28, 17, 28 * (4 * 17 * 46 + 17))]
)
def test_multiply_accumulates_are_those_of_the_vendor(steps: int, features: int, units: int, expected: int) -> None:
    graph = recurrent_graph("LSTM", (1, steps, features), weights(4, features, units), Attributes())
    assert operator("LSTM").macc(graph.layers[0]) == expected


@pytest.mark.parametrize("results", [("sequence",), ("hidden",), ALL])
def test_scratch_is_smaller_than_the_vendors(results: tuple[str, ...]) -> None:
    graph = recurrent_graph("LSTM", (1, 5, 6), weights(4, 6, 20), Attributes(results=results))
    (call,) = operator("LSTM").form(graph.layers[0]).kernels(graph.layers[0])
    assert call.scratch <= 8 * 20 < 28 * 20


def test_it_is_close_to_keras() -> None:
    keras = pytest.importorskip("keras")
    w, r, b = weights(4, 6, 9)
    layer = keras.layers.LSTM(9, return_sequences=True)
    layer.build((1, 7, 6))
    layer.set_weights([w.T, r.T, b])
    graph = recurrent_graph("LSTM", (1, 7, 6), [w, r, b], Attributes())
    (x,) = number_inputs(graph)
    close(run(graph, x)[0][:, 0], np.asarray(layer(x[:, 0])), 2e-6)
