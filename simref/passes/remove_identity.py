"""Without layers that change nothing, and with one view or one TRANSPOSE in the place of several in a row."""

from __future__ import annotations

import dataclasses
import math

from simref.graph import Graph, Layer, Node
from simref.ops.reshape import Attributes as Reshape
from simref.ops.transpose import Attributes as Transpose
from simref.passes._links import writers
from simref.passes._views import has_type_of_input, is_view
from simref.passes.remove_dead import remove_dead


def remove_identity(graph: Graph) -> Graph:
    """Drop layers whose output is their input, and join views (RESHAPE and its like) and TRANSPOSEs that follow views
    and TRANSPOSEs.

    Runs on nodes whose attributes are read. Promises: the outputs are the same in every bit and keep their names; an
    output of the graph stays the work of a layer. Repeats until nothing more can go.
    """
    while True:
        joined = _without_identities(_joined(graph))
        if len(joined.nodes) == len(graph.nodes):
            return joined
        graph = joined


def _joined(graph: Graph) -> Graph:
    """Each view of a view, and each TRANSPOSE of a TRANSPOSE, reads what the first one reads."""
    nodes: list[Node] = []
    layers: list[Layer] = []
    written = writers(graph.nodes)
    for node, layer in zip(graph.nodes, graph.layers, strict=True):
        source = written.get(node.inputs[0]) if node.inputs and node.inputs[0] is not None else None
        joined = layer if source is None else _after(layer, layers[source])
        layers.append(joined)
        if source is None or joined is layer:
            nodes.append(node)
        else:
            nodes.append(Node(joined.op, node.name, nodes[source].inputs[:1], node.outputs, joined.attributes))
    return remove_dead(dataclasses.replace(graph, nodes=tuple(nodes)))


def _after(layer: Layer, first: Layer) -> Layer:
    """The layer as it is on the input of `first`, which writes its own input, where both are of one kind."""
    if is_view(layer) and is_view(first):
        return layer.replace(op="RESHAPE", inputs=first.inputs[:1], attributes=Reshape(layer.output.shape))
    if layer.op == first.op == "TRANSPOSE":
        order = tuple(first.attributes.permutation[axis] for axis in layer.attributes.permutation)
        return layer.replace(inputs=first.inputs, attributes=Transpose(order))
    return layer


def _is_identity(layer: Layer) -> bool:
    if not has_type_of_input(layer) or layer.input(0).shape != layer.output.shape:
        return False
    if layer.op == "CLIP":
        return bool(layer.attributes.low == -math.inf and layer.attributes.high == math.inf)
    return layer.op == "CAST" or is_view(layer)


def _without_identities(graph: Graph) -> Graph:
    """Readers of an identity's output read its input; if the graph gives the output out, the input takes its place."""
    written, outputs = writers(graph.nodes), set(graph.outputs)
    renamed: dict[int, int] = {}
    nodes: list[Node] = []
    for node, layer in zip(graph.nodes, graph.layers, strict=True):
        source, target = (node.inputs[0] if node.inputs else None), node.outputs[0]
        if source is None or not _is_identity(layer):
            nodes.append(node)
        elif target not in outputs:
            renamed[target] = source
        elif source in written and source not in outputs and source not in renamed:
            renamed[source] = target
        else:
            nodes.append(node)
    return remove_dead(dataclasses.replace(graph, nodes=tuple(_renamed(node, renamed) for node in nodes)))


def _renamed(node: Node, renamed: dict[int, int]) -> Node:
    def now(index: int) -> int:
        while index in renamed:
            index = renamed[index]
        return index

    return dataclasses.replace(
        node,
        inputs=tuple(None if index is None else now(index) for index in node.inputs),
        outputs=tuple(now(index) for index in node.outputs),
    )
