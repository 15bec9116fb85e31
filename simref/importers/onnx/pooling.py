"""Pooling over windows and over whole images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.importers.onnx.arithmetic import combine, scalar
from simref.importers.onnx.context import Context, Converter
from simref.importers.onnx.integers import is_quantized
from simref.importers.onnx.reader import Node
from simref.importers.onnx.reduction import reduced
from simref.importers.onnx.value import Value, constant
from simref.importers.onnx.volume import with_volumes
from simref.importers.onnx.window import from_image, image, read_window
from simref.ops._activation import Activation
from simref.ops._pad import Attributes as Pad
from simref.ops._pool import Attributes as Pool
from simref.ops.depthwise_conv_2d import Attributes as Depthwise


def max_pool(ctx: Context, node: Node) -> Sequence[Value]:
    """MAX_POOL_2D; the indices of the maxima are not computed."""
    if len(node.outputs) > 1 and node.outputs[1]:
        raise UnsupportedError(f"{node}: its output of indices is not supported, must not be used")
    x = ctx.operand(node, 0)
    if x.dtype.name in ("int8", "uint8") and not is_quantized(ctx, x):
        # Exact in float32.
        largest = _max_pool(ctx, node, ctx.map(node, "CAST", x, dtype="float32", suffix="/float32"), "/float32")
        return [ctx.map(node, "CAST", largest, dtype=x.dtype.name)]
    return [_max_pool(ctx, node, x)]


def _max_pool(ctx: Context, node: Node, x: Value, suffix: str = "") -> Value:
    window = read_window(node, x)
    attributes = Pool(window.kernel, window.stride, window.all_pads, Activation.NONE, window.dilation)
    made = ctx.layer(node, "MAX_POOL_2D", [image(ctx, node, x)], attributes, suffix=suffix)
    return from_image(ctx, node, made, x.rank)


def average_pool(ctx: Context, node: Node) -> Sequence[Value]:
    """AVERAGE_POOL_2D, behind a PAD where pads count but what ceil_mode adds must not."""
    x = ctx.operand(node, 0)
    window = read_window(node, x)
    images, pads = image(ctx, node, x), window.all_pads
    counted = node.get("count_include_pad", False) and any(window.pads)
    if counted and any(window.extra):
        top, bottom, left, right = window.pads
        border = Pad(((0, 0), (top, bottom), (left, right), (0, 0)), 0.0)
        images, pads = ctx.layer(node, "PAD", [images], border, suffix="/pad"), (0, window.extra[0], 0, window.extra[1])
        counted = False
    attributes = Pool(window.kernel, window.stride, pads, Activation.NONE, window.dilation, counted)
    return [from_image(ctx, node, ctx.layer(node, "AVERAGE_POOL_2D", [images], attributes), x.rank)]


def lp_pool(ctx: Context, node: Node) -> Sequence[Value]:
    """DEPTHWISE_CONV_2D of the powers with ones, then its root."""
    x, p = ctx.operand(node, 0), _power(node)
    window = read_window(node, x)
    channels = x.shape[1]
    ctx.check_constant(node, window.kernel[0] * window.kernel[1] * channels)
    ones = constant(node.name + "/ones", np.ones((1, *window.kernel, channels), np.float32))
    powers = _powers(ctx, node, x, p)
    attributes = Depthwise(window.stride, window.dilation, window.all_pads, 1, Activation.NONE)
    operands = [image(ctx, node, powers), ctx.plain(node, ones), None]
    sums = ctx.layer(node, "DEPTHWISE_CONV_2D", operands, attributes, suffix="/sums")
    return [_root(ctx, node, from_image(ctx, node, sums, x.rank), p)]


def _power(node: Node) -> int:
    p: int = node.get("p", 2)
    if p < 1:
        raise ModelError(f"{node}: its p is {p}, must be 1 or more")
    return p


def _powers(ctx: Context, node: Node, x: Value, p: int) -> Value:
    """|x|^p."""
    if p == 2:
        return ctx.map(node, "SQUARE", x, suffix="/powers")
    sizes = ctx.map(node, "ABS", x, suffix="/sizes")
    return sizes if p == 1 else combine(ctx, node, "POW", [sizes, scalar(x, p, "p")], suffix="/powers")


def _root(ctx: Context, node: Node, sums: Value, p: int) -> Value:
    """sums^(1/p)."""
    if p <= 2:
        return sums if p == 1 else ctx.map(node, "SQRT", sums, suffix="/root")
    return combine(ctx, node, "POW", [sums, scalar(sums, 1 / p, "1/p")], suffix="/root")


def _global(ctx: Context, node: Node, op: str, value: Value) -> Value:
    """A reduction over all dimensions behind the channels, which stay in the shape."""
    if value.rank < 3:
        raise UnsupportedError(f"{node}: its input has {value.rank} dimensions, must have at least 3")
    return reduced(ctx, node, op, value, range(2, value.rank), True)


def global_average_pool(ctx: Context, node: Node) -> Sequence[Value]:
    """MEAN."""
    return [_global(ctx, node, "MEAN", ctx.operand(node, 0))]


def global_max_pool(ctx: Context, node: Node) -> Sequence[Value]:
    """REDUCE_MAX."""
    return [_global(ctx, node, "REDUCE_MAX", ctx.operand(node, 0))]


def global_lp_pool(ctx: Context, node: Node) -> Sequence[Value]:
    """SUM of the powers, then its root."""
    p = _power(node)
    return [_root(ctx, node, _global(ctx, node, "SUM", _powers(ctx, node, ctx.operand(node, 0), p)), p)]


CONVERTERS: dict[str, Converter] = {
    "AveragePool": with_volumes(average_pool),
    "GlobalAveragePool": global_average_pool,
    "GlobalLpPool": global_lp_pool,
    "GlobalMaxPool": global_max_pool,
    "LpPool": with_volumes(lp_pool),
    "MaxPool": with_volumes(max_pool),
}
