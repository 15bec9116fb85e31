"""Clamps and arithmetic by channel in front of the view that they stood behind: next to the layer that they can join.

A one-dimensional convolution is one of images between two views; its activation and normalization see the sequence.
"""

from __future__ import annotations

import dataclasses

from simref.graph import Graph, Layer, Node, Tensor
from simref.ops import violation
from simref.ops.reshape import Attributes as Reshape
from simref.passes._affine import affine_of
from simref.passes._links import Links
from simref.passes._views import is_view
from simref.passes.fuse_activation import clamp_range
from simref.passes.remove_dead import remove_dead


def sink_views(graph: Graph) -> Graph:
    """Move each view behind the float32 clamps, and the ADD, SUB, MUL, DIV and normalizations by channel, that read it.

    Runs on nodes whose attributes are read. Promises: every element is computed as before, so the outputs are the same
    in every bit; layers keep their names.
    """
    links, tensors = Links(graph), list(graph.tensors)
    nodes: list[Node] = []
    views: dict[int | None, Node] = {}
    for node, layer in zip(graph.nodes, graph.layers, strict=True):
        operand = _elementwise_operand(layer)
        view = None if operand is None else views.get(node.inputs[operand])
        swapped = None if operand is None or view is None else _swapped(node, layer, operand, view, tensors)
        if swapped is None:
            nodes.append(node)
            seen = is_view(layer)
        else:
            nodes = [other for other in nodes if other is not view]
            nodes += swapped
            seen = True
        if seen and links.is_private(node.outputs[0]):
            views[node.outputs[0]] = nodes[-1]
    return remove_dead(dataclasses.replace(graph, tensors=tuple(tensors), nodes=tuple(nodes)))


def _elementwise_operand(layer: Layer) -> int | None:
    """The position of the operand of which each element gives one of the output, by itself or its channel alone."""
    if clamp_range(layer) is not None:
        return 0
    found = affine_of(layer)
    return None if found is None else found[0]


def _swapped(node: Node, layer: Layer, operand: int, view: Node, tensors: list[Tensor]) -> tuple[Node, Node] | None:
    """The layer's node on what the view shows, then the view; None where the channels are others there.

    What lies between them joins `tensors`.
    """
    source = view.inputs[0]
    assert source is not None
    x = tensors[source]
    y = dataclasses.replace(layer.output, name=f"{layer.output.name}/unviewed", shape=x.shape)
    inputs = (*layer.inputs[:operand], x, *layer.inputs[operand + 1 :])
    swapped = layer.replace(inputs=inputs, outputs=(y,))
    if _elementwise_operand(swapped) != operand or violation(swapped) is not None:
        return None
    tensors.append(y)
    between = len(tensors) - 1
    indices = (*node.inputs[:operand], source, *node.inputs[operand + 1 :])
    return (
        dataclasses.replace(node, inputs=indices, outputs=(between,)),
        Node("RESHAPE", view.name, (between,), node.outputs, Reshape(layer.output.shape)),
    )
