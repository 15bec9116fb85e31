from __future__ import annotations

from typing import Any

import pytest

from simref.builder import GraphBuilder
from simref.graph import Graph
from simref.ops import gru, lstm, simple_rnn
from simref.ops.strided_slice import Attributes as StridedSlice
from simref.passes.fuse_last_state import fuse_last_state
from tests.passes.rewrites import check_same_bits, ops_of, values

BATCH, STEPS, FEATURES, UNITS = 2, 4, 3, 5
LAST = StridedSlice((0, STEPS - 1, 0), (BATCH, 1, UNITS), (1, 1, 1), (BATCH, UNITS))
KINDS: dict[str, tuple[int, Any]] = {
    "LSTM": (4, lstm.Attributes(go_backwards=True)),
    "GRU": (3, gru.Attributes()),
    "SIMPLE_RNN": (1, simple_rnn.Attributes()),
}


def _graph(op: str, attributes: Any, taken: StridedSlice, *, read_twice: bool = False) -> Graph:
    gates = KINDS[op][0] * UNITS
    builder = GraphBuilder("recurrent")
    x = builder.input("x", (BATCH, STEPS, FEATURES))
    shapes = {"w": (gates, FEATURES), "r": (gates, UNITS), "b": (gates,)}
    weights = [builder.constant(name, values(shape, len(name))) for name, shape in shapes.items()]
    results = builder.layers(op, "recurrent", [x, *weights], attributes, outputs=len(attributes.results))
    last = builder.layer("STRIDED_SLICE", "last", [results[0]], taken)
    return builder.graph([last, *results[0 if read_twice else 1 :]])


@pytest.mark.parametrize("op", KINDS)
def test_the_last_step_is_a_result(op: str) -> None:
    (node,) = check_same_bits(fuse_last_state, _graph(op, KINDS[op][1], LAST)).nodes
    assert (node.op, node.attributes.results) == (op, ("hidden",))


def test_other_results_stay() -> None:
    graph = _graph("LSTM", lstm.Attributes(results=("sequence", "cell")), LAST)
    (node,) = check_same_bits(fuse_last_state, graph).nodes
    assert node.attributes.results == ("hidden", "cell")


def test_other_slices_stay() -> None:
    first = StridedSlice((0, 0, 0), (BATCH, 1, UNITS), (1, 1, 1), (BATCH, UNITS))
    one_sample = StridedSlice((1, STEPS - 1, 0), (1, 1, UNITS), (1, 1, 1), (1, UNITS))
    for taken, read_twice in ((first, False), (one_sample, False), (LAST, True)):
        graph = _graph("GRU", gru.Attributes(), taken, read_twice=read_twice)
        assert ops_of(check_same_bits(fuse_last_state, graph)) == ["GRU", "STRIDED_SLICE"]


def test_the_last_state_is_given_once() -> None:
    graph = _graph("GRU", gru.Attributes(results=("sequence", "hidden")), LAST)
    assert ops_of(check_same_bits(fuse_last_state, graph)) == ["GRU", "STRIDED_SLICE"]
