"""Conv and ConvTranspose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.importers.onnx.context import Context, Converter
from simref.importers.onnx.reader import Node
from simref.importers.onnx.value import Value, constant
from simref.importers.onnx.window import (
    MAX_SIZE,
    bias,
    check_image,
    filter_images,
    from_image,
    image,
    pair,
    read_window,
    split_pads,
    stated_pads,
)
from simref.ops._activation import Activation
from simref.ops._convolution import ConvAttributes
from simref.ops._window import Pads, Pair
from simref.ops.concatenation import Attributes as Concatenation
from simref.ops.depthwise_conv_2d import Attributes as Depthwise
from simref.ops.slice import Attributes as Slice
from simref.ops.transpose_conv import Attributes as Transposed

# Each group of a transposed convolution becomes layers of its own.
MAX_GROUPS = 64

OHWI = (0, 2, 3, 1)
IHWO = (1, 2, 3, 0)


def _groups(node: Node, channels: int, filters: int) -> int:
    groups: int = node.get("group", 1)
    if groups < 1 or channels % groups or filters % groups:
        raise ModelError(f"{node}: its group is {groups}, must divide {channels} input and {filters} output channels")
    return groups


def conv(ctx: Context, node: Node) -> Sequence[Value]:
    """CONV_2D; with one group per channel DEPTHWISE_CONV_2D."""
    x, weights = ctx.operand(node, 0), filter_images(ctx, node, 1)
    check_image(node, x)
    window = read_window(node, x, ctx.operand(node, 1).shape[2:])
    groups = _groups(node, x.shape[1], weights.shape[0])
    if weights.shape[1] * groups != x.shape[1]:
        found = f"depth {weights.shape[1]} in {groups} groups"
        raise ModelError(f"{node}: its weights have {found}, must be {x.shape[1]} in all")
    steps, none = (window.stride, window.dilation, window.all_pads), Activation.NONE
    if groups == x.shape[1] and groups > 1:
        operands = [image(ctx, node, x), ctx.arranged(node, weights, IHWO), bias(ctx, node, 2)]
        attributes = Depthwise(*steps, weights.shape[0] // groups, none)
        return [from_image(ctx, node, ctx.layer(node, "DEPTHWISE_CONV_2D", operands, attributes), x.rank)]
    operands = [image(ctx, node, x), ctx.arranged(node, weights, OHWI), bias(ctx, node, 2)]
    return [from_image(ctx, node, ctx.layer(node, "CONV_2D", operands, ConvAttributes(*steps, none)), x.rank)]


def conv_transpose(ctx: Context, node: Node) -> Sequence[Value]:
    """TRANSPOSE_CONV; each group by itself."""
    x, weights = ctx.operand(node, 0), filter_images(ctx, node, 1)
    weights = _spread(weights, pair(node.integers("dilations", weights.rank - 2 if x.rank == 4 else 1, 1)), node)
    check_image(node, x)
    groups = _groups(node, x.shape[1], weights.shape[0])
    if weights.shape[0] != x.shape[1] or groups > MAX_GROUPS:
        found = f"depth {weights.shape[0]} in {groups} groups"
        raise UnsupportedError(f"{node}: its weights have {found}, must be {x.shape[1]} in at most {MAX_GROUPS}")
    size, stride, pads = _transposed_window(node, x, (weights.shape[2], weights.shape[3]))
    attributes = Transposed(size, stride, pads, Activation.NONE)
    images, offsets = image(ctx, node, x), bias(ctx, node, 2)
    if groups == 1:
        operands = [images, ctx.arranged(node, weights, IHWO), offsets]
        return [from_image(ctx, node, ctx.layer(node, "TRANSPOSE_CONV", operands, attributes), x.rank)]
    parts = []
    for group in range(groups):
        operands = _group(ctx, node, (images, weights, offsets), group, groups)
        parts.append(ctx.layer(node, "TRANSPOSE_CONV", operands, attributes, suffix=f"/group{group}"))
    return [from_image(ctx, node, ctx.layer(node, "CONCATENATION", parts, Concatenation(3)), x.rank)]


def _group(
    ctx: Context, node: Node, operands: tuple[int, Value, int | None], group: int, groups: int
) -> list[int | None]:
    """The channels, weights and biases of one group."""
    images, weights, offsets = operands
    batch, height, width, channels = ctx.builder.shape(images)
    depth = channels // groups
    box = Slice((0, 0, 0, group * depth), (batch, height, width, depth))
    assert weights.data is not None
    own = constant(weights.name, weights.data[group * depth : (group + 1) * depth])
    part = ctx.layer(node, "SLICE", [images], box, suffix=f"/channels{group}")
    result: list[int | None] = [part, ctx.arranged(node, own, IHWO), None]
    if offsets is not None:
        data = ctx.builder.tensors[offsets].data
        assert data is not None
        count = weights.shape[1]
        result[2] = ctx.plain(node, constant(weights.name + "/bias", data[group * count : (group + 1) * count]))
    return result


def _spread(weights: Value, dilation: Pair, node: Node) -> Value:
    """Weights with zeros between the taps: TRANSPOSE_CONV has no dilation."""
    if dilation == (1, 1):
        return weights
    assert weights.data is not None
    filters, depth, height, width = weights.shape
    taps = ((height - 1) * dilation[0] + 1, (width - 1) * dilation[1] + 1)
    if min(dilation) < 1 or max(taps) > MAX_SIZE or filters * depth * taps[0] * taps[1] > MAX_SIZE:
        raise UnsupportedError(f"{node}: its dilation is {dilation}, which is too large")
    data = np.zeros((filters, depth, *taps), weights.dtype)
    data[:, :, :: dilation[0], :: dilation[1]] = weights.data
    return constant(weights.name, data)


def _transposed_window(node: Node, x: Value, kernel: Pair) -> tuple[Pair, Pair, Pads]:
    """The output's size, the stride, and what is cut off around it."""
    rank = x.rank - 2
    size = pair(x.shape[2:])
    stride, more = node.integers("strides", rank, 1), node.integers("output_padding", rank, 0)
    if min(stride) < 1 or min(more) < 0 or max(*stride, *more) > MAX_SIZE:
        raise ModelError(f"{node}: strides and output_padding are {stride} and {more}, must be at least 1 and 0")
    steps, added = pair(stride), (0, more[0]) if rank == 1 else (more[0], more[1])
    full = [s * (n - 1) + k + a for s, n, k, a in zip(steps, size, kernel, added, strict=True)]
    if "output_shape" in node.attributes:
        wanted = pair(node.integers("output_shape", rank, 0))
        totals = [n - w for n, w in zip(full, wanted, strict=True)]
        return wanted, steps, _cut(node, totals)
    if node.get("auto_pad", "NOTSET") in ("SAME_UPPER", "SAME_LOWER"):
        wanted = (size[0] * steps[0], size[1] * steps[1])
        return wanted, steps, _cut(node, [max(n - w, 0) for n, w in zip(full, wanted, strict=True)])
    pads = stated_pads(node, rank) if node.get("auto_pad", "NOTSET") == "NOTSET" else (0, 0, 0, 0)
    return (full[0] - pads[0] - pads[1], full[1] - pads[2] - pads[3]), steps, pads


def _cut(node: Node, totals: Sequence[int]) -> Pads:
    """What is cut off for a stated size; with no auto_pad the larger half at the beginning, as ONNX has it."""
    if min(totals) < 0:
        totals = [max(total, 0) for total in totals]
    if node.get("auto_pad", "NOTSET") in ("SAME_UPPER", "SAME_LOWER"):
        return split_pads(node, totals)
    after = [total // 2 for total in totals]
    return totals[0] - after[0], after[0], totals[1] - after[1], after[1]


CONVERTERS: dict[str, Converter] = {"Conv": conv, "ConvTranspose": conv_transpose}
