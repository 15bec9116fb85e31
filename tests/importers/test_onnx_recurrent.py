from __future__ import annotations

import itertools

import numpy as np
import pytest

from simref.errors import UnsupportedError
from tests.importers.onnx_models import build, check, imported, node, ops, values

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
UNITS, FEATURES, STEPS = 4, 3, 5


def operands(op: str, directions: int) -> dict[str, np.ndarray]:
    rows = GATES[op] * UNITS
    return {
        "w": values(directions, rows, FEATURES, seed=1),
        "r": values(directions, rows, UNITS, seed=2),
        "b": values(directions, 2 * rows, seed=3),
        "h": values(directions, 1, UNITS, seed=4),
        "c": values(directions, 1, UNITS, seed=5),
        "full": np.array([STEPS], np.int32),
        "short": np.array([STEPS - 1], np.int32),
    }


@pytest.mark.parametrize(
    ("op", "direction", "inputs"),
    list(itertools.product(GATES, ("forward", "reverse", "bidirectional"), ("x w r", "x w r b full h"))),
)
def test_directions_and_states(op: str, direction: str, inputs: str) -> None:
    more = " c" if op == "LSTM" and "h" in inputs else ""
    made = node(op, inputs + more, "y h_", hidden_size=UNITS, direction=direction)
    constants = operands(op, 2 if direction == "bidirectional" else 1)
    graph = check(build([made], {"x": (STEPS, 1, FEATURES)}, "y h_", constants))
    name = "SIMPLE_RNN" if op == "RNN" else op
    assert ops(graph).count(name) == (2 if direction == "bidirectional" else 1)


def test_the_cell_alone() -> None:
    made = node("LSTM", "x w r b", "- - y", hidden_size=UNITS)
    made.output[:] = ["", "", "y"]
    graph = check(build([made], {"x": (STEPS, 1, FEATURES)}, "y", operands("LSTM", 1)))
    assert next(layer for layer in graph.layers if layer.op == "LSTM").attributes.results == ("cell",)


@pytest.mark.parametrize("after", [0, 1])
def test_the_two_places_of_the_reset_gate(after: int) -> None:
    made = node("GRU", "x w r b", "y", hidden_size=UNITS, linear_before_reset=after)
    graph = check(build([made], {"x": (STEPS, 1, FEATURES)}, "y", operands("GRU", 1)))
    assert next(layer for layer in graph.layers if layer.op == "GRU").attributes.reset_after == bool(after)


def test_a_computed_state() -> None:
    nodes = [node("Tanh", "s", "t"), node("GRU", "x w r b - t", "y", hidden_size=UNITS, direction="bidirectional")]
    check(build(nodes, {"x": (STEPS, 1, FEATURES), "s": (2, 1, UNITS)}, "y", operands("GRU", 2)))


@pytest.mark.parametrize(
    ("inputs", "attributes", "reason"),
    [
        ("x w r b short", {}, "sequence_lens"),
        ("x w r b - h c p", {}, "peepholes"),
        ("x w r b", {"clip": 1.0}, "clip"),
        ("x w r b", {"input_forget": 1}, "input_forget"),
        ("x w r b", {"activations": ["Sigmoid", "Affine", "Tanh"]}, "Affine"),
        ("x w r b", {"activations": ["Sigmoid", "Tanh", "Relu"]}, "must be one"),
        ("x w x", {}, "recurrent weights is computed at run time"),
    ],
)
def test_what_is_refused(inputs: str, attributes: dict[str, object], reason: str) -> None:
    made = node("LSTM", inputs, "y", hidden_size=UNITS, **attributes)
    constants = {**operands("LSTM", 1), "p": values(1, 3 * UNITS)}
    with pytest.raises(UnsupportedError, match=reason):
        imported(build([made], {"x": (STEPS, 1, FEATURES)}, "y", constants))
