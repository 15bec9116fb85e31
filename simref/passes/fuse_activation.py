"""A float32 layer that clamps its own results, in the place of the layer and the RELU, RELU6 or CLIP behind it."""

from __future__ import annotations

import dataclasses

import numpy as np

from simref.graph import Graph, Layer, Node
from simref.ops import violation
from simref.ops._activation import Activation
from simref.passes._links import uses
from simref.passes.remove_dead import remove_dead

_CLAMPS = {activation.name: activation.value for activation in Activation if activation is not Activation.NONE}


def fuse_activation(graph: Graph) -> Graph:
    """Move each clamp into the layer before it, where that layer's attributes have an activation and nobody else reads.

    Clamps in a row become one where an activation has their common range. Runs on nodes whose attributes are read.
    Promises: the outputs are the same in every bit; the layer keeps its name, its output becomes the clamp's.
    """
    count = uses(graph)
    nodes: list[Node] = []
    written: dict[int, int] = {}
    for node, layer in zip(graph.nodes, graph.layers, strict=True):
        source = node.inputs[0] if node.inputs else None
        writer = written.get(source) if source is not None and count[source] == 1 else None
        fused = None if writer is None else _fused(graph, nodes[writer], layer)
        if fused is None or writer is None:
            nodes.append(node)
            written.update(dict.fromkeys(node.outputs, len(nodes) - 1))
        else:
            nodes[writer] = dataclasses.replace(nodes[writer], outputs=node.outputs, attributes=fused)
            written[node.outputs[0]] = writer
    return remove_dead(dataclasses.replace(graph, nodes=tuple(nodes)))


def clamp_range(layer: Layer) -> tuple[float, float] | None:
    """The range that a float32 layer keeps; None where it does more than clamp."""
    if layer.output.dtype != np.float32:
        return None
    if layer.op == "CLIP":
        return (float(np.float32(layer.attributes.low)), float(np.float32(layer.attributes.high)))
    return _CLAMPS.get(layer.op)


def _fused(graph: Graph, node: Node, clamp: Layer) -> object | None:
    """The attributes of the node with the clamp behind its own activation; None where it has none or cannot."""
    first, second = getattr(node.attributes, "activation", None), clamp_range(clamp)
    if not isinstance(first, Activation) or second is None or len(node.outputs) != 1:
        return None
    both = (max(first.value[0], second[0]), min(first.value[1], second[1]))
    activation = next((known for known in Activation if known.value == both), None)
    if activation is None:
        return None
    attributes: object = dataclasses.replace(node.attributes, activation=activation)
    inputs = tuple(None if index is None else graph.tensors[index] for index in node.inputs)
    output = graph.tensors[node.outputs[0]]
    layer = Layer(clamp.index, node.op, node.name, inputs, (output,), attributes)
    return attributes if violation(layer) is None else None
