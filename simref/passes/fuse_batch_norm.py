"""BATCH_NORMALIZATION in the place of a MUL and an ADD by constants, one value per channel each."""

from __future__ import annotations

import dataclasses

import numpy as np

from simref.graph import Graph, Layer, Node, Tensor
from simref.ops._activation import Activation
from simref.ops.batch_normalization import Attributes
from simref.passes._affine import Affine, activation_of, affine_of
from simref.passes._links import Links
from simref.passes.remove_dead import remove_dead


def fuse_batch_norm(graph: Graph) -> Graph:
    """Return the graph with one layer for each product, by channel, that only a sum or difference, by channel, reads.

    Runs on nodes whose attributes are read. Promises: outputs are the same but for one rounding of each element; the
    new layer has the name, the output and the activation of the sum.
    """
    links, tensors = Links(graph), list(graph.tensors)
    nodes: list[Node] = []
    for node, layer in zip(graph.nodes, graph.layers, strict=True):
        total = _by_channel(layer, "ADD", "SUB")
        between = None if total is None else node.inputs[total[0]]
        writer = links.writer(between) if links.is_private(between) else None
        product = None if writer is None else _by_channel(graph.layers[writer], "MUL")
        if total is None or writer is None or product is None:
            nodes.append(node)
            continue
        operands = (graph.nodes[writer].inputs[product[0]], len(tensors), len(tensors) + 1)
        tensors += _constants(layer.name, product[1].then(total[1]))
        nodes.append(Node("BATCH_NORMALIZATION", node.name, operands, node.outputs, Attributes(activation_of(layer))))
    return remove_dead(dataclasses.replace(graph, tensors=tuple(tensors), nodes=tuple(nodes)))


def _by_channel(layer: Layer, *ops: str) -> tuple[int, Affine] | None:
    """What the layer is, where it has a value for each channel; a product must not clamp."""
    found = affine_of(layer) if layer.op in ops else None
    if found is None or (layer.op == "MUL" and activation_of(layer) is not Activation.NONE):
        return None
    channels = layer.output.shape[-1:]
    return found if channels == (layer.input(1 - found[0]).elements,) else None


def _constants(name: str, affine: Affine) -> list[Tensor]:
    """Scale and offset; both are stored numbers or their negatives, so that nothing is rounded."""
    # -0.0 becomes +0.0, as offsets are.
    arrays = {"scale": affine.scale.astype(np.float32), "offset": affine.offset.astype(np.float32) + np.float32(0)}
    return [Tensor(f"{name}/{kind}", data.shape, data.dtype, data=data) for kind, data in arrays.items()]
