"""Remove channels that no input can change, and channels that nobody reads; the outputs stay the same in every bit.

A convolution whose weights are all zero in a channel writes its bias there, whatever it reads. What a later layer makes
of such a channel is a constant too: it moves into that layer's bias, and the channel disappears from all tensors
between the two. So does a channel of any values whose weights in every later layer are zero.

int8: the sum is taken modulo 2**32, so a summand may move into the bias: (x - zero_point) * w for each removed
channel. At the border of a padded convolution the padding stands in the place of the channel, so there it must equal
the padding, the zero point; and it must be the same at all pixels, while a dense layer has a weight for each.

float32: a summand cannot move, since the order of the sum would change. But a product that is zero can go: weights are
finite, and a sum, one chain of additions, is the same before and after it, fused or not. Only a sum of -0, which a
product that underflows may leave, becomes +0; the bias, added last and never -0, undoes the difference. A product is
also zero where the weight is, while activations are finite.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simref.fixedpoint import wrap_int32
from simref.graph import Array, Graph, Layer, Node, Quantization, Tensor
from simref.ops import operator
from simref.passes._channels import (
    BIAS,
    MIXING,
    WEIGHTED,
    WEIGHTS,
    Mask,
    Tie,
    at_source,
    channels,
    columns,
    each_of,
    fixed_channels,
    ties,
    uniform,
    used_columns,
)


@dataclass(frozen=True)
class Removal:
    """What was removed at one layer with weights.

    layer: as "layer <index> <OP> "<name>"". inputs, outputs: (before, after) channels of both tensors. constant: output
    channels removed because no input changes them. unread: those removed because nothing depends on them. macc:
    (before, after).
    """

    layer: str
    inputs: tuple[int, int]
    outputs: tuple[int, int]
    constant: int
    unread: int
    macc: tuple[int, int]


def remove_constant_channels(graph: Graph) -> tuple[Graph, tuple[Removal, ...]]:
    """Return the smaller graph and what was removed, a row for each layer whose weights changed.

    Runs on graphs whose layers satisfy their operators' rules (`check_graph`), before weights are compressed. Promises:
    the same layers in the same order still satisfy them; inputs and outputs of the graph keep their shapes, and outputs
    their values, see above; every tensor keeps at least one channel. Repeats until nothing more can go, because what
    only fed removed channels is unread then.
    """
    pruned = graph
    counts: Counter[tuple[int, str]] = Counter()
    while True:
        fixed = fixed_channels(pruned)
        values = _fixed_values(pruned, fixed)
        removed = _removable(pruned, fixed, values)
        if not any(mask.any() for mask in removed):
            return pruned, _report(graph, pruned, counts)
        for index, node in enumerate(pruned.nodes):
            gone, constant = removed[node.outputs[0]], fixed[node.outputs[0]]
            counts[index, "constant"] += int((gone & constant).sum())
            counts[index, "unread"] += int((gone & ~constant).sum())
        pruned = _without(pruned, removed, values)


def _report(before: Graph, after: Graph, counts: Mapping[tuple[int, str], int]) -> tuple[Removal, ...]:
    return tuple(
        Removal(
            str(old),
            (channels(old.input(0)), channels(new.input(0))),
            (channels(old.output), channels(new.output)),
            counts[old.index, "constant"],
            counts[old.index, "unread"],
            (operator(old.op).macc(old), operator(new.op).macc(new)),
        )
        for old, new in zip(before.layers, after.layers, strict=True)
        if old.op in WEIGHTED and old.input(WEIGHTS).shape != new.input(WEIGHTS).shape
    )


def _fixed_values(graph: Graph, fixed: Sequence[Mask]) -> dict[int, Array]:
    """By tensor with fixed channels, one sample of what the reference computes, which in these it always computes.

    Fused and separate float sums may differ: a channel where they do is not `fixed` any more.
    """
    values = _sample(graph, fixed, fused=True)
    if graph.computes_floats:
        for index, separate in _sample(graph, fixed, fused=False).items():
            count = channels(graph.tensors[index])
            fixed[index][:] &= (separate == values[index]).reshape(-1, count).all(axis=0)
    return values


def _sample(graph: Graph, fixed: Sequence[Mask], *, fused: bool) -> dict[int, Array]:
    """What layers with fixed channels compute; the others' outputs are taken to be 0, on which no fixed one depends."""
    values: dict[int, Array] = {}
    for node, layer in zip(graph.nodes, graph.layers, strict=True):
        if not any(fixed[index].any() for index in node.outputs):
            continue
        if layer.op == "CONV_2D" and not used_columns(layer)[fixed[node.outputs[0]]].any():
            values[node.outputs[0]] = _one_window(layer.replace(fused=fused))
        else:
            operands = [_value(graph, values, index) for index in node.inputs if index is not None]
            computed = operator(layer.op).form(layer).reference(layer.replace(fused=fused), operands)
            values.update(zip(node.outputs, computed, strict=True))
    return values


def _one_window(layer: Layer) -> Array:
    """What a convolution computes of one window, at every pixel: true of fixed channels whose weights are all 0."""
    a, (_, *kernel, _) = layer.attributes, layer.input(WEIGHTS).shape
    height, width = ((size - 1) * step + 1 for size, step in zip(kernel, a.dilation, strict=True))
    x, y = layer.input(0), layer.output
    small = dataclasses.replace(x, shape=(1, height, width, x.shape[3]))
    one = layer.replace(
        inputs=(small, *layer.inputs[1:]),
        outputs=(dataclasses.replace(y, shape=(1, 1, 1, y.shape[3])),),
        attributes=dataclasses.replace(a, pads=(0, 0, 0, 0)),
    )
    stored = [layer.constant(k)[np.newaxis] for k in (WEIGHTS, BIAS) if layer.optional_input(k) is not None]
    operands = [np.zeros((1, *small.shape), x.dtype), *stored]
    (found,) = operator(layer.op).form(one).reference(one, operands)
    return np.broadcast_to(found, (1, *y.shape))


def _value(graph: Graph, values: Mapping[int, Array], index: int) -> Array:
    tensor = graph.tensors[index]
    if tensor.data is not None:
        return tensor.data[np.newaxis]
    return values[index] if index in values else np.zeros((1, *tensor.shape), tensor.dtype)


def _removable(graph: Graph, fixed: Sequence[Mask], values: Mapping[int, Array]) -> list[Mask]:
    """By tensor: the channels to remove, the most for which all layers agree, less one where that would be all."""
    removable = _candidates(graph, fixed, values)
    joints = [
        (node.outputs[0], node.inputs[tie.operand], tie)
        for node, layer in zip(graph.nodes, graph.layers, strict=True)
        for tie in ties(layer) or ()
    ]
    while True:
        _agree(removable, joints)
        whole = [mask for mask in removable if mask.all()]
        if not whole:
            return removable
        whole[0][0] = False


def _agree(removable: Sequence[Mask], joints: Sequence[tuple[int, int | None, Tie]]) -> None:
    """Clear channels until those that hang together are all removable or none of them is."""
    left = -1
    while left != (now := sum(int(mask.sum()) for mask in removable)):
        left = now
        for output, operand, tie in (*joints, *reversed(joints)):
            if operand is not None:
                removable[output][:] &= at_source(removable[operand], tie.source)
                removable[operand][:] &= each_of(removable[output], tie.source, len(removable[operand]))


def _candidates(graph: Graph, fixed: Sequence[Mask], values: Mapping[int, Array]) -> list[Mask]:
    """By tensor: the channels that each layer, on its own, can do without. Those of constants go with computed ones."""
    readers = Counter(index for node in graph.nodes for index in node.inputs)
    result = [np.ones(channels(tensor), np.bool_) for tensor in graph.tensors]
    kept = {*graph.inputs, *graph.outputs}
    kept.update(index for index, tensor in enumerate(graph.tensors) if tensor.is_constant and not readers[index])
    for node, layer in zip(graph.nodes, graph.layers, strict=True):
        if layer.op in WEIGHTED:
            kept.update(index for index in node.inputs[WEIGHTS:] if index is not None)
        if not _can_change(layer, all(readers[index] == 1 for index in node.inputs[WEIGHTS:] if index is not None)):
            kept.update(index for index in (*node.inputs, *node.outputs) if index is not None)
        elif layer.op in MIXING and node.inputs[0] is not None:
            x = node.inputs[0]
            result[x] &= _dispensable(layer, fixed[x], values.get(x))
        else:
            tied = {tie.operand for tie in ties(layer) or ()}
            kept.update(index for k, index in enumerate(node.inputs) if index is not None and k not in tied)
    for index in kept:
        result[index][:] = False
    return result


def _can_change(layer: Layer, alone: bool) -> bool:
    """Whether channels of the layer can be removed. alone: no other layer reads its weights and bias."""
    if layer.op not in WEIGHTED:
        return ties(layer) is not None
    stored = [tensor for tensor in layer.inputs[WEIGHTS:] if tensor is not None]
    if not alone or any(tensor.data is None or tensor.codebook is not None for tensor in stored):
        return False
    if layer.op in MIXING and columns(layer) is None:
        return False
    return layer.input(0).dtype.name in ("int8", "float32")


def _dispensable(layer: Layer, fixed: Mask, values: Array | None) -> Mask:
    """The input channels whose share of the layer's sums is zero or can move into its bias."""
    met = columns(layer)
    assert met is not None
    unused = np.asarray(~used_columns(layer).any(axis=0))
    if values is None:
        return each_of(unused, met, len(fixed))
    rows = values.reshape(-1, len(met))
    movable = fixed[met] & uniform(rows)
    if layer.input(0).dtype == np.float32:
        movable &= rows[0] == 0
    elif layer.op == "CONV_2D" and any(layer.attributes.pads):
        movable &= rows[0] == layer.input(0).zero_point
    return each_of(unused | movable, met, len(fixed))


def _without(graph: Graph, removed: Sequence[Mask], values: Mapping[int, Array]) -> Graph:
    tensors = [_sliced(tensor, -1, ~mask) for tensor, mask in zip(graph.tensors, removed, strict=True)]
    nodes = []
    for node, layer in zip(graph.nodes, graph.layers, strict=True):
        changed = node
        if layer.op in WEIGHTED and node.inputs[0] is not None:
            inputs, outputs = removed[node.inputs[0]], removed[node.outputs[0]]
            if inputs.any() or outputs.any():
                moved = _moved(layer, inputs, values.get(node.inputs[0]))
                changed = _with_weights(tensors, node, layer, (~inputs, ~outputs), moved)
        elif layer.op == "RESHAPE":
            shape = tensors[node.outputs[0]].shape
            changed = dataclasses.replace(node, attributes=dataclasses.replace(layer.attributes, shape=shape))
        nodes.append(changed)
    return dataclasses.replace(graph, tensors=tuple(tensors), nodes=tuple(nodes))


def _moved(layer: Layer, removed: Mask, values: Array | None) -> Array:
    """int64 (outputs,): what the removed input channels add to each int8 sum; nothing for other layers."""
    met = columns(layer) if layer.op in MIXING else None
    weights = layer.constant(WEIGHTS)
    if met is None or values is None or layer.input(0).dtype != np.int8:
        return np.zeros(channels(layer.output), np.int64)
    gone = removed[met]
    row = values.reshape(-1, len(met))[0, gone].astype(np.int64) - layer.input(0).zero_point
    taps = weights.reshape(len(weights), -1, len(met))[..., gone].astype(np.int64).sum(axis=1)
    return np.asarray(taps @ row)


def _with_weights(tensors: list[Tensor], node: Node, layer: Layer, kept: tuple[Mask, Mask], moved: Array) -> Node:
    """The node with the weights and bias of the kept (input, output) channels; `tensors` holds them, or grows by a
    bias where there was none.
    """
    inputs, outputs = kept
    weights, bias = layer.input(WEIGHTS), layer.optional_input(BIAS)
    if layer.op in MIXING:
        met = columns(layer)
        assert met is not None
        sliced = _sliced(_sliced(weights, -1, inputs[met]), 0, outputs)
    else:
        sliced = _sliced(weights, -1, outputs)
    positions = [*node.inputs, *[None] * (BIAS + 1 - len(node.inputs))]
    tensors[_index(node, WEIGHTS)] = sliced
    if bias is not None and bias.data is not None:
        data = wrap_int32(bias.data + moved).astype(np.int32) if moved.any() else bias.data
        tensors[_index(node, BIAS)] = _sliced(dataclasses.replace(bias, data=data), 0, outputs)
    elif moved[outputs].any():
        positions[BIAS] = len(tensors)
        tensors.append(_new_bias(layer, sliced, wrap_int32(moved[outputs]).astype(np.int32)))
    else:
        return node
    return dataclasses.replace(node, inputs=tuple(positions))


def _index(node: Node, position: int) -> int:
    index = node.inputs[position]
    assert index is not None
    return index


def _new_bias(layer: Layer, weights: Tensor, data: Array) -> Tensor:
    q = weights.quantization
    assert q is not None
    scale = np.asarray(layer.input(0).scale * q.scale, np.float32)
    axis = None if q.axis is None else 0
    return Tensor(
        f"{layer.name}/constant_channels",
        data.shape,
        data.dtype,
        Quantization(scale, np.zeros(len(scale), np.int64), axis),
        data,
    )


def _sliced(tensor: Tensor, axis: int, kept: Mask) -> Tensor:
    """The tensor without the other elements along an axis, and without their scales."""
    if kept.all():
        return tensor
    axis %= len(tensor.shape)
    shape = (*tensor.shape[:axis], int(kept.sum()), *tensor.shape[axis + 1 :])
    data = None if tensor.data is None else np.ascontiguousarray(np.compress(kept, tensor.data, axis))
    q = tensor.quantization
    if q is not None and q.axis == axis and len(q.scale) == len(kept):
        q = Quantization(q.scale[kept], q.zero_point[kept], axis)
    return dataclasses.replace(tensor, shape=shape, data=data, quantization=q)
