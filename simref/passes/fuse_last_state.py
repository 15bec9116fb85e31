"""Recurrent layers that give their last state alone, in the place of all states and what takes the last of them."""

from __future__ import annotations

import dataclasses

from simref.graph import Graph, Layer, Node
from simref.passes._links import Links
from simref.passes.remove_dead import remove_dead

_RECURRENT = ("GRU", "LSTM", "SIMPLE_RNN")


def fuse_last_state(graph: Graph) -> Graph:
    """Return the graph without sequences that only a STRIDED_SLICE of the last step reads.

    Runs on nodes whose attributes are read. Promises: the outputs are the same in every bit; the recurrent layer keeps
    its name, its output becomes the slice's.
    """
    links, layers = Links(graph), graph.layers
    nodes: dict[int, Node] = dict(enumerate(graph.nodes))
    for layer in layers:
        results = layer.attributes.results if layer.op in _RECURRENT else ()
        if "sequence" not in results or "hidden" in results:
            continue
        node, position = graph.nodes[layer.index], results.index("sequence")
        reader = links.only_reader(node.outputs[position])
        if reader is None or not _is_last_step(layers[reader]):
            continue
        changed = (*results[:position], "hidden", *results[position + 1 :])
        outputs = (*node.outputs[:position], *graph.nodes[reader].outputs, *node.outputs[position + 1 :])
        attributes = dataclasses.replace(node.attributes, results=changed)
        nodes[layer.index] = dataclasses.replace(node, outputs=outputs, attributes=attributes)
        del nodes[reader]
    return remove_dead(dataclasses.replace(graph, nodes=tuple(nodes.values())))


def _is_last_step(layer: Layer) -> bool:
    if layer.op != "STRIDED_SLICE":
        return False
    batch, steps, units = layer.input(0).shape
    a = layer.attributes
    return bool(a.begin == (0, steps - 1, 0) and a.count == (batch, 1, units) and a.shape == (batch, units))
