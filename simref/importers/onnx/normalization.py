"""Normalizations."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array
from simref.importers.onnx.arithmetic import PLAIN, combine, scalar
from simref.importers.onnx.context import Context, Converter
from simref.importers.onnx.layout import plain, with_last
from simref.importers.onnx.reader import Node
from simref.importers.onnx.reduction import reduced
from simref.importers.onnx.value import Value, constant
from simref.importers.onnx.window import MAX_SIZE
from simref.ops._activation import Activation
from simref.ops._pool import Attributes as Pool
from simref.ops.batch_normalization import Attributes as BatchNormalization
from simref.ops.instance_normalization import Attributes as InstanceNormalization
from simref.ops.layer_normalization import Attributes as LayerNormalization
from simref.ops.reshape import Attributes as Reshape


def _channels(ctx: Context, node: Node, position: int, what: str, count: int) -> Array:
    """A constant of one element per channel, as float64."""
    data = ctx.constant(node, position, what)
    if data is None or data.shape != (count,):
        raise ModelError(f"{node}: its {what} has the shape {None if data is None else data.shape}, must be ({count},)")
    return data.astype(np.float64)


def scale_channels(ctx: Context, node: Node, x: Value, scale: Array, offset: Array, suffix: str = "") -> Value:
    """BATCH_NORMALIZATION: x * scale + offset, one of each for each channel, dimension 1."""
    order = with_last(ctx.order(x), [1])
    operands = [
        constant(f"{node.name}/{name}", data.astype(np.float32) + np.float32(0))
        for name, data in (("scale", scale), ("offset", offset))
    ]
    tensors = [ctx.arranged(node, x, order), *(ctx.plain(node, value) for value in operands)]
    attributes = BatchNormalization(activation=Activation.NONE)
    return ctx.computed(node, ctx.layer(node, "BATCH_NORMALIZATION", tensors, attributes, suffix=suffix), order)


def batch_normalization(ctx: Context, node: Node) -> Sequence[Value]:
    """BATCH_NORMALIZATION, scale and offset computed in float64 and rounded once."""
    if any(node.outputs[1:]) or node.get("training_mode", False):
        raise UnsupportedError(f"{node}: it is in training mode, must be exported for inference")
    x = ctx.operand(node, 0)
    if x.rank < 2:
        raise ModelError(f"{node}: its input has {x.rank} dimensions, must have at least 2")
    names = ("scale", "B", "mean", "var")
    scale, bias, mean, variance = (_channels(ctx, node, k + 1, name, x.shape[1]) for k, name in enumerate(names))
    with np.errstate(all="ignore"):
        factor = scale / np.sqrt(variance + node.get("epsilon", 1e-5))
        offset = bias - mean * factor
    if not (np.isfinite(factor).all() and np.isfinite(offset).all()):
        raise UnsupportedError(f"{node}: its scale, B, mean and var make no finite numbers")
    return [scale_channels(ctx, node, x, factor, offset)]


def layer_normalization(ctx: Context, node: Node) -> Sequence[Value]:
    """LAYER_NORMALIZATION over the last dimensions, from the axis on."""
    x = ctx.operand(node, 0)
    axis, epsilon = x.axis(node, node.get("axis", -1)), node.get("epsilon", 1e-5)
    order = with_last(ctx.order(x), range(axis, x.rank))
    tensors = [ctx.arranged(node, x, order), *(_affine(ctx, node, k, x.shape[axis:]) for k in (1, 2))]
    attributes = LayerNormalization(axis=axis, epsilon=epsilon)
    result = ctx.computed(node, ctx.layer(node, "LAYER_NORMALIZATION", tensors, attributes), order)
    return [result, *_statistics(ctx, node, x, axis, epsilon)] if any(node.outputs[1:]) else [result]


def _statistics(ctx: Context, node: Node, x: Value, axis: int, epsilon: float) -> list[Value]:
    """The mean and one over the standard deviation, which a network seldom uses."""
    axes = range(axis, x.rank)
    mean = reduced(ctx, node, "MEAN", x, axes, True, "/mean")
    deviation = combine(ctx, node, "SUB", [x, mean], PLAIN, suffix="/deviation")
    squares = ctx.map(node, "SQUARE", deviation, suffix="/squares")
    variance = reduced(ctx, node, "MEAN", squares, axes, True, "/variance")
    above = combine(ctx, node, "ADD", [variance, scalar(x, epsilon, "epsilon")], PLAIN, suffix="/above")
    return [mean, ctx.map(node, "RSQRT", above, suffix="/inverse")]


def _affine(ctx: Context, node: Node, position: int, shape: tuple[int, ...]) -> int | None:
    """The scale or bias, as large as what is normalized; None where it is absent."""
    data = ctx.constant(node, position, ("", "scale", "bias")[position])
    if data is None:
        return None
    ctx.check_constant(node, math.prod(shape))
    try:
        full = np.broadcast_to(data, shape)
    except ValueError as error:
        raise ModelError(f"{node}: input {position} has the shape {data.shape}, must be {shape}") from error
    return ctx.plain(node, constant(node.inputs[position], full + np.zeros((), data.dtype)))


def instance_normalization(ctx: Context, node: Node) -> Sequence[Value]:
    """INSTANCE_NORMALIZATION, channels stored last."""
    x = ctx.operand(node, 0)
    if x.rank < 3:
        raise ModelError(f"{node}: its input has {x.rank} dimensions, must have at least 3")
    order = (0, *(k for k in with_last(ctx.order(x), [1]) if k not in (0, 1)), 1)
    operands = [
        constant(node.inputs[k], _channels(ctx, node, k, name, x.shape[1]).astype(np.float32) + np.float32(0))
        for k, name in ((1, "scale"), (2, "B"))
    ]
    tensors = [ctx.arranged(node, x, order), *(ctx.plain(node, value) for value in operands)]
    attributes = InstanceNormalization(epsilon=node.get("epsilon", 1e-5))
    return [ctx.computed(node, ctx.layer(node, "INSTANCE_NORMALIZATION", tensors, attributes), order)]


def group_normalization(ctx: Context, node: Node) -> Sequence[Value]:
    """LAYER_NORMALIZATION of each group of channels as one row, then BATCH_NORMALIZATION of the channels."""
    x, groups = ctx.operand(node, 0), node.get("num_groups", 0)
    if x.rank < 2 or groups < 1 or x.shape[1] % groups:
        raise ModelError(f"{node}: its num_groups is {groups}, must divide the channels of {x.shape}")
    channels = x.shape[1]
    ctx.check_constant(node, channels)
    count = channels if node.opset >= 21 else groups
    scale, bias = (
        np.repeat(_channels(ctx, node, k, name, count), channels // count) for k, name in ((1, "scale"), (2, "bias"))
    )
    rows = ctx.reshape(node, x, (x.shape[0], groups, math.prod(x.shape[1:]) // groups))
    attributes = LayerNormalization(axis=2, epsilon=node.get("epsilon", 1e-5))
    made = ctx.layer(node, "LAYER_NORMALIZATION", [ctx.plain(node, rows), None, None], attributes, suffix="/groups")
    normal = ctx.reshape(node, ctx.computed(node, made, plain(3)), x.shape)
    return [scale_channels(ctx, node, normal, scale, bias)]


def lp_normalization(ctx: Context, node: Node) -> Sequence[Value]:
    """DIV by the norm along the axis, p is 1 or 2; a norm of 0 leaves 0."""
    x, p = ctx.operand(node, 0), node.get("p", 2)
    if p not in (1, 2):
        raise ModelError(f"{node}: its p is {p}, must be 1 or 2")
    axis = x.axis(node, node.get("axis", -1))
    powers = ctx.map(node, "ABS" if p == 1 else "SQUARE", x, suffix="/powers")
    norm = reduced(ctx, node, "SUM", powers, [axis], True, "/sum")
    norm = norm if p == 1 else ctx.map(node, "SQRT", norm, suffix="/sqrt")
    # Where the norm is 0 so is x: any positive divisor gives 0 there, and the smallest one changes no other norm.
    tiny = constant(node.name + "/tiny", np.array([np.finfo(np.float32).tiny]))
    norm = combine(ctx, node, "MAXIMUM", [norm, tiny], suffix="/max")
    return [combine(ctx, node, "DIV", [x, norm], PLAIN)]


def local_response(ctx: Context, node: Node) -> Sequence[Value]:
    """AVERAGE_POOL_2D of the squares over neighbouring channels, then MUL, ADD, POW and DIV."""
    x, size = ctx.operand(node, 0), node.get("size", 0)
    if x.rank < 2 or not 1 <= size <= MAX_SIZE:
        raise ModelError(f"{node}: its size is {size} for {x.rank} dimensions, must be 1 or more for 2 or more")
    order = with_last(ctx.order(x), [1])
    tensor = ctx.arranged(node, x, order)
    stored = ctx.builder.shape(tensor)
    rows = (1, math.prod(stored[:-1]), stored[-1], 1)
    squares = ctx.layer(node, "SQUARE", [tensor], suffix="/squares")
    image = ctx.layer(node, "RESHAPE", [squares], Reshape(rows), suffix="/rows")
    pads = (0, 0, (size - 1) // 2, size - 1 - (size - 1) // 2)
    pool = Pool((1, size), (1, 1), pads, Activation.NONE, include_pad=True)
    means = ctx.layer(node, "AVERAGE_POOL_2D", [image], pool, suffix="/means")
    back = ctx.layer(node, "RESHAPE", [means], Reshape(stored), suffix="/back")
    value = ctx.computed(node, back, order)
    steps = (("MUL", node.get("alpha", 1e-4)), ("ADD", node.get("bias", 1.0)), ("POW", node.get("beta", 0.75)))
    for op, number in steps:
        attributes = None if op == "POW" else PLAIN
        value = combine(ctx, node, op, [value, scalar(x, number, op.lower())], attributes, suffix=f"/{op.lower()}")
    return [combine(ctx, node, "DIV", [x, value], PLAIN)]


CONVERTERS: dict[str, Converter] = {
    "BatchNormalization": batch_normalization,
    "GroupNormalization": group_normalization,
    "InstanceNormalization": instance_normalization,
    "LRN": local_response,
    "LayerNormalization": layer_normalization,
    "LpNormalization": lp_normalization,
}
