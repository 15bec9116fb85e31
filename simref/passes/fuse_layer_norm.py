"""LAYER_NORMALIZATION in the place of the mean, the variance and all that is done with them.

Frameworks write (x - mean) / sqrt(variance + epsilon), or x * factor + (beta - mean * factor), with the parts in many
spellings; all are found from what they read.
"""

from __future__ import annotations

import dataclasses

from simref.graph import Graph, Node, Shape, Tensor
from simref.ops.layer_normalization import Attributes
from simref.passes._norms import Normal, Norms
from simref.passes.remove_dead import remove_dead


def fuse_layer_norm(graph: Graph) -> Graph:
    """Return the graph with one layer for each normalization of float32, its scale and offset included.

    Runs on nodes whose attributes are read. Promises: outputs are the same but for the rounding of the parts; the new
    layer has the name and the output of the last of them.
    """
    parts, tensors = Norms(graph), list(graph.tensors)
    found: dict[int, Normal] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        known = parts.layer_norm(node.outputs[0])
        if known is not None:
            found[node.outputs[0]] = known
            nodes.append(node)
            continue
        normal = parts.normalized(node.outputs[0]) or parts.scaled(node.outputs[0], found)
        if normal is None:
            nodes.append(node)
            continue
        found[node.outputs[0]] = normal
        shape = parts.shape(normal.x)[normal.axis :]
        operands = (normal.x, *(_parameter(tensors, index, shape) for index in (normal.gamma, normal.beta)))
        attributes = Attributes(normal.axis, normal.epsilon)
        nodes.append(Node("LAYER_NORMALIZATION", node.name, operands, node.outputs, attributes))
    return remove_dead(dataclasses.replace(graph, tensors=tuple(tensors), nodes=tuple(nodes))) if found else graph


def _parameter(tensors: list[Tensor], index: int | None, shape: Shape) -> int | None:
    """The constant without dimensions of 1 before that shape; a new one joins `tensors`."""
    if index is None or tensors[index].shape == shape:
        return index
    stored = tensors[index]
    assert stored.data is not None
    tensors.append(dataclasses.replace(stored, shape=shape, data=stored.data.reshape(shape)))
    return len(tensors) - 1
