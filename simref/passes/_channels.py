"""Channels, the last axis of a tensor: which of them hang together through a layer, and which no input can change."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from simref.graph import Array, Graph, Layer, Tensor

Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]

WEIGHTS, BIAS = 1, 2
# Every output channel is a sum over input channels, by weights (outputs, ..., columns).
MIXING = ("CONV_2D", "FULLY_CONNECTED")
WEIGHTED = (*MIXING, "DEPTHWISE_CONV_2D")
_UNARY = ("DEQUANTIZE", "HARD_SWISH", "LEAKY_RELU", "LOGISTIC", "QUANTIZE", "RELU", "RELU6", "TANH")
_WINDOWS = ("AVERAGE_POOL_2D", "MAX_POOL_2D", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR")
_BINARY = ("ADD", "DIV", "MAXIMUM", "MINIMUM", "MUL", "SQUARED_DIFFERENCE", "SUB")
_REDUCTIONS = ("MEAN", "REDUCE_MAX", "REDUCE_MIN", "SUM")
_PADS = ("PAD", "PADV2")
_VIEWS = ("EXPAND_DIMS", "RESHAPE", "SQUEEZE")


@dataclass(frozen=True, eq=False)
class Tie:
    """Channels that go together: output channel k depends on channel source[k] of that operand, on none where -1."""

    operand: int
    source: Indices


def channels(tensor: Tensor) -> int:
    """The size of the last axis; 1 for a scalar."""
    return tensor.shape[-1] if tensor.shape else 1


def ties(layer: Layer) -> tuple[Tie, ...] | None:
    """The ties of a layer each of whose output channels depends on one channel of each operand that has channels.

    None for a layer that mixes its channels, or that is not known here.
    """
    if layer.op in _BINARY:
        return _of_operands(layer)
    if layer.op == "CONCATENATION":
        return _of_parts(layer)
    source = _source(layer)
    return None if source is None else (Tie(0, source),)


def _source(layer: Layer) -> Indices | None:
    """The channel of input 0 on which each output channel depends."""
    place = np.arange(channels(layer.output))
    if layer.op == "DEPTHWISE_CONV_2D":
        return np.asarray(place // layer.attributes.multiplier)
    if layer.op in _VIEWS:
        # Row-major: element n lies in channel n % channels before and after, if the one divides the other.
        before = channels(layer.input(0))
        return place % before if len(place) % before == 0 else None
    known = (
        layer.op in (*_UNARY, *_WINDOWS)
        or (layer.op in _REDUCTIONS and len(layer.input(0).shape) - 1 not in layer.attributes.axes)
        or (layer.op in _PADS and layer.attributes.pads[-1] == (0, 0))
    )
    return place if known else None


def _of_operands(layer: Layer) -> tuple[Tie, ...] | None:
    """A stored operand may have one value for all channels; a computed one must have them all."""
    count = channels(layer.output)
    found = []
    for position in (0, 1):
        operand = layer.input(position)
        if channels(operand) == count:
            found.append(Tie(position, np.arange(count)))
        elif not operand.is_constant:
            return None
    return tuple(found)


def _of_parts(layer: Layer) -> tuple[Tie, ...] | None:
    if layer.attributes.axis != len(layer.output.shape) - 1:
        return None
    parts = [channels(layer.input(position)) for position in range(len(layer.inputs))]
    starts = accumulate(parts[:-1], initial=0)
    place = np.arange(channels(layer.output))
    return tuple(
        Tie(operand, np.where((place >= start) & (place < start + size), place - start, -1))
        for operand, (start, size) in enumerate(zip(starts, parts, strict=True))
    )


def columns(layer: Layer) -> Indices | None:
    """The input channel that each column of a mixing layer's weights meets; None for a convolution in groups."""
    x, depth = channels(layer.input(0)), channels(layer.input(WEIGHTS))
    if layer.op == "CONV_2D":
        return np.arange(depth) if x == depth else None
    # A dense layer flattens what it reads, as a view does.
    return np.arange(depth) % x if depth % x == 0 else None


def used_columns(layer: Layer) -> Mask:
    """(outputs, columns): whether any tap of the weights is other than zero."""
    weights = layer.constant(WEIGHTS)
    return np.asarray((weights != 0).reshape(len(weights), -1, weights.shape[-1]).any(axis=1))


def each_of(holds: Mask, source: Indices, count: int) -> Mask:
    """For each of `count` channels: whether it holds for all that have it as their source."""
    result = np.ones(count, np.bool_)
    result[source[(source >= 0) & ~holds]] = False
    return result


def at_source(holds: Mask, source: Indices) -> Mask:
    """For each element of `source`: whether it holds for that channel; True where there is none."""
    return np.asarray(holds[source] | (source < 0))


def fixed_channels(graph: Graph) -> list[Mask]:
    """By tensor: the channels whose elements are the same for all inputs, though not all equal to one another.

    Weights that are all zero fix a channel; for floats that holds as long as activations are finite.
    """
    fixed = [np.full(channels(tensor), tensor.is_constant) for tensor in graph.tensors]
    for node, layer in zip(graph.nodes, graph.layers, strict=True):
        read = [np.ones(0, np.bool_) if index is None else fixed[index] for index in node.inputs]
        for index, output in zip(node.outputs, layer.outputs, strict=True):
            fixed[index] = _fixed_output(layer, read, channels(output))
    return fixed


def _fixed_output(layer: Layer, read: list[Mask], count: int) -> Mask:
    stored = layer.op in WEIGHTED and layer.input(WEIGHTS).is_constant
    met = columns(layer) if stored and layer.op in MIXING else None
    tied = ties(layer) if met is None else (Tie(0, met),)
    whole = [mask.all() for position, mask in enumerate(read) if all(position != tie.operand for tie in tied or ())]
    if tied is None or not all(whole):
        return np.full(count, all(whole))
    if met is not None:
        return np.asarray(~(used_columns(layer) & ~read[0][met]).any(axis=1))
    fixed = np.logical_and.reduce([at_source(read[tie.operand], tie.source) for tie in tied])
    return np.asarray(fixed | ~used_columns(layer)[0] if stored else fixed)


def uniform(rows: Array) -> Mask:
    """The columns of an array (rows, columns) whose elements are all equal."""
    return np.asarray((rows == rows[0]).all(axis=0))
