from __future__ import annotations

import numpy as np

from simref.graph import Graph, Node, Tensor
from simref.passes.remove_dead import remove_dead


def _tensor(name: str) -> Tensor:
    return Tensor(name, (1,), np.dtype(np.int8))


def test_keeps_what_an_output_needs_and_every_input() -> None:
    nodes = (
        Node("A", "a", (0,), (2,)),
        Node("DEAD", "d", (1,), (3,)),
        Node("B", "b", (2, None), (4, 5)),
        Node("DEAD", "e", (4,), (6,)),
    )
    graph = remove_dead(Graph("g", tuple(map(_tensor, "uvabcde")), nodes, (0, 1), (5,)))
    assert [node.op for node in graph.nodes] == ["A", "B"]
    assert [tensor.name for tensor in graph.tensors] == ["u", "v", "a", "c", "d"]
    assert graph.nodes[1].inputs == (2, None)
    assert (graph.nodes[1].outputs, graph.inputs, graph.outputs) == ((3, 4), (0, 1), (4,))
