"""Sliding windows of ONNX: kernels, strides, dilations and the many ways to say how an image is padded.

Sequences (N, C, L) are images of one row.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.importers.onnx.context import Context
from simref.importers.onnx.layout import channels_last
from simref.importers.onnx.reader import Node
from simref.importers.onnx.value import Value, constant
from simref.ops._window import Pads, Pair
from simref.ops.reshape import Attributes as Reshape

# Larger steps and pads are in no network; products of a few of them stay far below 2**63.
MAX_SIZE = 1 << 20


@dataclass(frozen=True)
class Window:
    """Over images of `size`; every field down and across. extra: rows and columns below and right by ceil_mode."""

    size: Pair
    kernel: Pair
    stride: Pair
    dilation: Pair
    pads: Pads
    extra: Pair = (0, 0)

    @property
    def all_pads(self) -> Pads:
        """The pads with what ceil_mode adds."""
        top, bottom, left, right = self.pads
        return top, bottom + self.extra[0], left, right + self.extra[1]


def check_image(node: Node, value: Value) -> None:
    """Raise UnsupportedError for anything but (N, C, L) and (N, C, H, W)."""
    if value.rank not in (3, 4):
        raise UnsupportedError(f"{node}: its input has {value.rank} dimensions, must have 3 or 4 (N, C, then space)")


def pair(values: Sequence[int]) -> Pair:
    """One value for each spatial dimension as (down, across); the one row of a sequence has 1."""
    return (1, values[0]) if len(values) == 1 else (values[0], values[1])


def read_window(node: Node, value: Value, kernel: tuple[int, ...] | None = None) -> Window:
    """The attributes of a convolution or a pooling layer. kernel: of the weights; None reads kernel_shape."""
    check_image(node, value)
    rank = value.rank - 2
    if kernel is None or "kernel_shape" in node.attributes:
        stated = node.integers("kernel_shape", rank, 0)
        if kernel is not None and stated != kernel:
            raise ModelError(f"{node}: its kernel_shape is {stated}, the weights' is {kernel}")
        kernel = stated
    stride, dilation = node.integers("strides", rank, 1), node.integers("dilations", rank, 1)
    sizes = (*kernel, *stride, *dilation)
    if min(sizes) < 1 or max(sizes) > MAX_SIZE:
        raise ModelError(
            f"{node}: kernel, strides and dilations are {kernel}, {stride} and {dilation}, must be 1 or more"
        )
    size = pair(value.shape[2:]) if rank == 2 else (1, value.shape[2])
    window = Window(size, pair(kernel), pair(stride), pair(dilation), (0, 0, 0, 0))
    window = dataclasses.replace(window, pads=_pads(node, rank, window))
    return dataclasses.replace(window, extra=_ceil_rows(window)) if node.get("ceil_mode", False) else window


def stated_pads(node: Node, rank: int) -> Pads:
    """The attribute `pads`, which lists all beginnings before all ends."""
    pads = node.integers("pads", 2 * rank, 0)
    if min(pads) < 0 or max(pads) > MAX_SIZE:
        raise ModelError(f"{node}: its pads are {pads}, must be 0 to {MAX_SIZE}")
    (top, left), (bottom, right) = (pads[:rank], pads[rank:]) if rank == 2 else ((0, pads[0]), (0, pads[1]))
    return top, bottom, left, right


def _pads(node: Node, rank: int, window: Window) -> Pads:
    auto = node.get("auto_pad", "NOTSET")
    if auto == "NOTSET":
        return stated_pads(node, rank)
    if auto == "VALID":
        return (0, 0, 0, 0)
    totals = [
        max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
        for n, k, s, d in zip(window.size, window.kernel, window.stride, window.dilation, strict=True)
    ]
    return split_pads(node, totals)


def split_pads(node: Node, totals: Sequence[int]) -> Pads:
    """Pads of those totals: SAME_UPPER leaves the larger half at the end, SAME_LOWER at the beginning."""
    auto = node.get("auto_pad", "NOTSET")
    if auto not in ("SAME_UPPER", "SAME_LOWER"):
        raise ModelError(f"{node}: its auto_pad is {auto}, must be NOTSET, VALID, SAME_UPPER or SAME_LOWER")
    before = [(total + (auto == "SAME_LOWER")) // 2 for total in totals]
    return before[0], totals[0] - before[0], before[1], totals[1] - before[1]


def _ceil_rows(window: Window) -> Pair:
    """What ceil_mode adds below and right: the last window may reach over the edge, but must not start there."""
    extra = []
    for axis in (0, 1):
        before, after = window.pads[2 * axis : 2 * axis + 2]
        stride, size = window.stride[axis], window.size[axis]
        rest = size + before + after - (window.kernel[axis] - 1) * window.dilation[axis] - 1
        count = -(-rest // stride)
        if count * stride >= size + before:
            count -= 1
        extra.append(max(count * stride - rest, 0))
    return extra[0], extra[1]


def image(ctx: Context, node: Node, value: Value) -> int:
    """The tensor (N, H, W, C) of a value (N, C, H, W), or (N, 1, L, C) of (N, C, L)."""
    check_image(node, value)
    tensor = ctx.arranged(node, value, channels_last(value.rank))
    if value.rank == 4:
        return tensor
    samples, length, channels = ctx.builder.shape(tensor)
    return ctx.layer(node, "RESHAPE", [tensor], Reshape((samples, 1, length, channels)), suffix="/image")


def from_image(ctx: Context, node: Node, tensor: int, rank: int) -> Value:
    """The value of an image tensor; of rank 3 when it is a sequence."""
    if rank == 4:
        return ctx.computed(node, tensor, channels_last(4))
    samples, _, length, channels = ctx.builder.shape(tensor)
    sequence = ctx.layer(node, "RESHAPE", [tensor], Reshape((samples, length, channels)), suffix="/sequence")
    return ctx.computed(node, sequence, channels_last(3))


def filter_images(ctx: Context, node: Node, position: int) -> Value:
    """The constant weights (A, B, H, W) of a convolution; those of sequences get one row."""
    value = ctx.operand(node, position)
    if value.data is None:
        raise UnsupportedError(f"{node}: its weights are computed at run time, must be constants")
    if value.rank == 3:
        return ctx.reshape(node, value, (*value.shape[:2], 1, value.shape[2]))
    if value.rank != 4:
        raise UnsupportedError(f"{node}: its weights have {value.rank} dimensions, must have 3 or 4")
    return value


def bias(ctx: Context, node: Node, position: int) -> int | None:
    """The constant bias, with +0 in the place of -0; None where there is none."""
    value = ctx.optional(node, position)
    if value is None:
        return None
    if value.data is None:
        raise UnsupportedError(f"{node}: its bias is computed at run time, must be a constant")
    data = value.data + np.zeros((), value.dtype)
    return ctx.plain(node, constant(value.name, data, value.quantization))
