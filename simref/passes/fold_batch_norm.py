"""Scaled weights and biases in the place of the scales and offsets by channel around a float32 layer.

Behind it: each output channel's weights and bias are scaled, its offset joins the bias. Before it: each input channel's
weights are scaled, and what the weights make of its offset joins the bias. An offset before padding does not reach the
padding, nor before a TRANSPOSE_CONV the same taps of all outputs: there only scales move.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from simref.graph import Array, Graph, Layer, Node, Tensor
from simref.ops._activation import Activation
from simref.passes._affine import Affine, Float64, activation_of, affine_of, identity
from simref.passes._links import Links
from simref.passes.remove_dead import remove_dead

WEIGHTS, BIAS = 1, 2
_WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV", "FULLY_CONNECTED")


@dataclass(frozen=True)
class _Chain:
    """The positions of neighbouring layers that scale and shift, in order, and what they do together."""

    positions: tuple[int, ...]
    affine: Affine


def fold_batch_norm(graph: Graph) -> Graph:
    """Fold BATCH_NORMALIZATION, and ADD, SUB, MUL and DIV by constants per channel, into neighbouring float32 layers.

    The neighbours are CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV and FULLY_CONNECTED; what lies between is read by
    nobody else. Runs on nodes whose attributes are read. Promises: outputs stay the same in real numbers, weights and
    biases are computed in float64 and rounded once; the layer keeps its name and takes over the activation at the end.
    A fold that would overflow float32 is not made.
    """
    links, tensors = Links(graph), list(graph.tensors)
    nodes: dict[int, Node] = dict(enumerate(graph.nodes))
    for layer in graph.layers:
        if not _is_foldable(layer):
            continue
        after = _chain_after(graph, links, layer)
        before = _chain_before(graph, links, layer, nodes)
        folded = _folded(layer, before.affine, after.affine) if before.positions or after.positions else None
        if folded is None:
            continue
        nodes[layer.index] = _node(graph, layer, before, after, folded, tensors)
        for position in (*before.positions, *after.positions):
            del nodes[position]
    kept = tuple(nodes[position] for position in sorted(nodes))
    return remove_dead(dataclasses.replace(graph, tensors=tuple(tensors), nodes=kept))


def _is_foldable(layer: Layer) -> bool:
    if layer.op not in _WEIGHTED or layer.output.dtype != np.float32 or layer.input(0).is_constant:
        return False
    stored = [tensor for tensor in layer.inputs[WEIGHTS:] if tensor is not None]
    return all(tensor.is_constant and tensor.codebook is None for tensor in stored)


def _chain_after(graph: Graph, links: Links, layer: Layer) -> _Chain:
    """The chain that starts with the layer's only reader; it ends with the first activation."""
    positions: list[int] = []
    total, last = identity(layer.output.shape[-1]), layer
    while activation_of(last) is Activation.NONE:
        reader = links.only_reader(graph.nodes[last.index].outputs[0])
        found = None if reader is None else affine_of(graph.layers[reader])
        if reader is None or found is None:
            break
        last, total = graph.layers[reader], total.then(found[1])
        positions.append(reader)
    return _Chain(tuple(positions), total)


def _chain_before(graph: Graph, links: Links, layer: Layer, nodes: dict[int, Node]) -> _Chain:
    """The chain that ends with the writer of input 0; layers that are folded already are not in `nodes` any more."""
    positions: list[int] = []
    total, index = identity(layer.input(0).shape[-1]), graph.nodes[layer.index].inputs[0]
    while links.is_private(index):
        writer = links.writer(index)
        if writer is None or writer not in nodes or activation_of(graph.layers[writer]) is not Activation.NONE:
            break
        found = affine_of(graph.layers[writer])
        if found is None:
            break
        index, total = graph.nodes[writer].inputs[found[0]], found[1].then(total)
        positions.insert(0, writer)
    exact = _meets_channels(layer) and (_same_taps_everywhere(layer) or not total.offset.any())
    return _Chain(tuple(positions), total) if exact else _Chain((), identity(len(total.scale)))


def _meets_channels(layer: Layer) -> bool:
    """Whether each column of the weights meets one channel of the input; a dense layer may cut its rows elsewhere."""
    return layer.op != "FULLY_CONNECTED" or layer.input(WEIGHTS).shape[1] % layer.input(0).shape[-1] == 0


def _same_taps_everywhere(layer: Layer) -> bool:
    return layer.op != "TRANSPOSE_CONV" and not any(getattr(layer.attributes, "pads", ()))


def _folded(layer: Layer, before: Affine, after: Affine) -> tuple[Array, Array] | None:
    """Weights and bias, float32; None where one of them overflows."""
    stored = layer.constant(WEIGHTS).astype(np.float64)
    axis = stored.ndim - 1 if layer.op == "DEPTHWISE_CONV_2D" else 0
    bias = layer.optional_input(BIAS)
    start = np.zeros(stored.shape[axis]) if bias is None else layer.constant(BIAS).astype(np.float64)
    others = tuple(k for k in range(stored.ndim) if k != axis)
    scale, offset = (_as_weights(layer, values, stored) for values in (before.scale, before.offset))
    outer = np.expand_dims(after.scale, others)
    with np.errstate(all="ignore"):
        weights = (stored * scale * outer).astype(np.float32)
        biases = ((start + (stored * offset).sum(axis=others)) * after.scale + after.offset).astype(np.float32)
    # -0.0 becomes +0.0, as biases are.
    return (weights, biases + np.float32(0)) if np.isfinite(weights).all() and np.isfinite(biases).all() else None


def _as_weights(layer: Layer, values: Float64, weights: Float64) -> Float64:
    """Values by input channel in the shape of the weights that meet them."""
    if layer.op == "DEPTHWISE_CONV_2D":
        return np.broadcast_to(np.repeat(values, layer.attributes.multiplier), weights.shape)
    depth = weights.shape[-1]
    if layer.op == "FULLY_CONNECTED":
        # The layer flattens what it reads: its columns go through the channels again and again.
        return np.broadcast_to(np.resize(values, depth), weights.shape)
    groups = len(values) // depth
    by_output = np.repeat(values.reshape(groups, depth), len(weights) // groups, axis=0)
    return np.broadcast_to(by_output[:, np.newaxis, np.newaxis], weights.shape)


def _node(
    graph: Graph, layer: Layer, before: _Chain, after: _Chain, folded: Iterable[Array], tensors: list[Tensor]
) -> Node:
    """The layer's node with new weights and bias, which join `tensors`."""
    node, first = graph.nodes[layer.index], graph.nodes[(*before.positions, layer.index)[0]]
    x = affine_of(graph.layers[before.positions[0]]) if before.positions else None
    last = graph.layers[(layer.index, *after.positions)[-1]]
    operands = []
    for data, position, kind in zip(folded, (WEIGHTS, BIAS), ("weights", "bias"), strict=True):
        old = layer.optional_input(position)
        operands.append(len(tensors))
        tensors.append(Tensor(f"{layer.name}/{kind}" if old is None else old.name, data.shape, data.dtype, data=data))
    return dataclasses.replace(
        node,
        inputs=(first.inputs[0 if x is None else x[0]], *operands),
        outputs=graph.nodes[last.index].outputs,
        attributes=dataclasses.replace(node.attributes, activation=activation_of(last)),
    )
