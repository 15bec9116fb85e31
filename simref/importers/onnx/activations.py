"""Elementwise nodes of one operand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.importers.onnx.arithmetic import PLAIN, combine, mapped, scalar
from simref.importers.onnx.context import Context, Converter
from simref.importers.onnx.integers import is_quantized
from simref.importers.onnx.layers import attributes_of
from simref.importers.onnx.layout import with_last
from simref.importers.onnx.reader import Node
from simref.importers.onnx.tensor import dtype_name
from simref.importers.onnx.value import Value, constant
from simref.ops.clip import Attributes as Clip
from simref.ops.gelu import Attributes as Gelu


def unary(op: str, **fields: Any) -> Converter:
    """A node that is one layer. fields: the operator's attributes, each as (ONNX's name, default) or a plain value."""

    def convert(ctx: Context, node: Node) -> Sequence[Value]:
        values = {name: node.get(*field) if isinstance(field, tuple) else field for name, field in fields.items()}
        attributes = attributes_of(op, **values) if fields else None
        return [mapped(ctx, node, op, ctx.operand(node, 0), attributes)]

    convert.__doc__ = f"{op}."
    return convert


def clip(ctx: Context, node: Node) -> Sequence[Value]:
    """RELU, RELU6 or CLIP. The bounds are attributes before opset 11, then inputs; either may be absent."""
    x = ctx.operand(node, 0)
    low, high = _bound(ctx, node, 1, "min", -math.inf), _bound(ctx, node, 2, "max", math.inf)
    if low == -math.inf and high == math.inf:
        return [x]
    # Where the bounds cross, every element is the upper one.
    low = min(low, high)
    if x.dtype == np.float32 and low == 0 and high in (6, math.inf):
        return [ctx.map(node, "RELU6" if high == 6 else "RELU", x)]
    return [mapped(ctx, node, "CLIP", x, Clip(low=low, high=high))]


def _bound(ctx: Context, node: Node, position: int, name: str, absent: float) -> float:
    if node.opset < 11:
        limit: float = node.get(name, absent)
        return absent if abs(limit) >= float(np.finfo(np.float32).max) else limit
    data = ctx.constant(node, position, name)
    if data is None or data.size == 0:
        return absent
    if data.size > 1 or np.isnan(data).any():
        raise ModelError(f"{node}: its {name} has {data.size} elements, must be one number")
    found: float = data.reshape(-1)[0].item()
    return found


def relu(ctx: Context, node: Node) -> Sequence[Value]:
    """RELU; CLIP of integers."""
    x = ctx.operand(node, 0)
    if x.dtype.kind == "f" or is_quantized(ctx, x):
        return [ctx.map(node, "RELU", x)]
    return [mapped(ctx, node, "CLIP", x, Clip(low=0, high=math.inf))]


def prelu(ctx: Context, node: Node) -> Sequence[Value]:
    """PRELU; the slopes broadcast to the input."""
    return [combine(ctx, node, "PRELU", [ctx.operand(node, 0), ctx.operand(node, 1)])]


def cast(ctx: Context, node: Node) -> Sequence[Value]:
    """CAST; to the same type nothing."""
    wanted = node.get("to", 0)
    name = dtype_name(wanted, f"{node}: its result")
    return [ctx.cast(node, ctx.operand(node, 0), name)]


def cast_like(ctx: Context, node: Node) -> Sequence[Value]:
    """CAST to the type of the second operand."""
    like = ctx.given(node, 1) or ctx.operand(node, 1)
    return [ctx.cast(node, ctx.operand(node, 0), ctx.original(like).dtype.name)]


def gelu(ctx: Context, node: Node) -> Sequence[Value]:
    """GELU, exact or by tanh."""
    approximate = node.get("approximate", "none")
    if approximate not in ("none", "tanh"):
        raise ModelError(f"{node}: its approximate is {approximate}, must be none or tanh")
    attributes = Gelu(approximate=approximate == "tanh")
    return [ctx.map(node, "GELU", ctx.operand(node, 0), attributes)]


def shrink(ctx: Context, node: Node) -> Sequence[Value]:
    """SELECT_V2 of x + bias below -lambd, x - bias above lambd, 0 between."""
    x = ctx.operand(node, 0)
    bias, limit = node.get("bias", 0.0), node.get("lambd", 0.5)

    def moved(op: str, threshold: float, inside: Value) -> Value:
        name = op.lower()
        beyond = combine(ctx, node, op, [x, scalar(x, threshold, "limit")], dtype="bool", suffix=f"/{name}")
        step = scalar(x, bias if op == "LESS" else -bias, "bias")
        outside = combine(ctx, node, "ADD", [x, step], PLAIN, suffix=f"/{name}/moved")
        return combine(ctx, node, "SELECT_V2", [beyond, outside, inside], dtype=x.dtype.name, suffix=f"/{name}/select")

    return [moved("LESS", -limit, moved("GREATER", limit, scalar(x, 0.0, "zero")))]


def hard_swish(ctx: Context, node: Node) -> Sequence[Value]:
    """HARD_SWISH."""
    return [ctx.map(node, "HARD_SWISH", ctx.operand(node, 0))]


def softmax(op: str) -> Converter:
    """A node over one axis; before opset 13 over all dimensions from the axis on, seen as one."""

    def convert(ctx: Context, node: Node) -> Sequence[Value]:
        x = ctx.operand(node, 0)
        axis = x.axis(node, node.get("axis", -1 if node.opset >= 13 else 1)) if x.rank else 0
        if node.opset >= 13 or axis == x.rank - 1:
            return [over_axis(ctx, node, op, x, axis)]
        rows = ctx.reshape(node, x, (math.prod(x.shape[:axis]), math.prod(x.shape[axis:])))
        return [ctx.reshape(node, over_axis(ctx, node, op, rows, 1), x.shape)]

    convert.__doc__ = f"{op} over one axis; before opset 13 over all dimensions from the axis on, seen as one."
    return convert


def over_axis(ctx: Context, node: Node, op: str, x: Value, axis: int) -> Value:
    """A layer that works along the last stored dimension."""
    order = with_last(ctx.order(x), [axis])
    attributes = attributes_of(op, beta=1.0) if op == "SOFTMAX" else attributes_of(op)
    return ctx.computed(node, ctx.layer(node, op, [ctx.arranged(node, x, order)], attributes), order)


def identity(ctx: Context, node: Node) -> Sequence[Value]:
    """No layer; the mask of a Dropout, which keeps everything, may not be used."""
    if any(node.outputs[1:]):
        raise UnsupportedError(f'{node}: its output "{node.outputs[1]}" is not supported, must not be used')
    if node.op == "Dropout" and (training := ctx.constant(node, 2, "training_mode")) is not None and training.any():
        raise UnsupportedError(f"{node}: it is in training mode, must be exported for inference")
    return [ctx.given(node, 0) or ctx.operand(node, 0)]


def constant_node(ctx: Context, node: Node) -> Sequence[Value]:
    """No layer: the value is a constant."""
    for name, dtype in (
        ("value", None),
        ("sparse_value", None),
        ("value_float", "float32"),
        ("value_int", "int64"),
        ("value_floats", "float32"),
        ("value_ints", "int64"),
    ):
        if name in node.attributes:
            data = node.attributes[name]
            if dtype is None and not isinstance(data, np.ndarray):
                break
            return [constant(node.outputs[0], np.asarray(data, dtype))]
    raise UnsupportedError(f"{node}: it holds {', '.join(node.attributes) or 'nothing'}, must hold numbers")


CONVERTERS: dict[str, Converter] = {
    "Abs": unary("ABS"),
    "Cast": cast,
    "CastLike": cast_like,
    "Ceil": unary("CEIL"),
    "Celu": unary("CELU", alpha=("alpha", 1.0)),
    "Clip": clip,
    "Constant": constant_node,
    "Cos": unary("COS"),
    "Dropout": identity,
    "Elu": unary("ELU", alpha=("alpha", 1.0)),
    "Erf": unary("ERF"),
    "Exp": unary("EXP"),
    "Floor": unary("FLOOR"),
    "Gelu": gelu,
    "HardSigmoid": unary("HARD_SIGMOID", alpha=("alpha", 0.2), beta=("beta", 0.5)),
    "HardSwish": hard_swish,
    "Identity": identity,
    "LeakyRelu": unary("LEAKY_RELU", alpha=("alpha", 0.01)),
    "Log": unary("LOG"),
    "LogSoftmax": softmax("LOG_SOFTMAX"),
    "Mish": unary("MISH"),
    "Neg": unary("NEG"),
    "Not": unary("LOGICAL_NOT"),
    "PRelu": prelu,
    "Reciprocal": unary("RECIPROCAL"),
    "Relu": relu,
    "Round": unary("ROUND"),
    "Selu": unary("SELU", alpha=("alpha", 1.67326319217681884765625), gamma=("gamma", 1.05070102214813232421875)),
    "Shrink": shrink,
    "Sigmoid": unary("LOGISTIC"),
    "Sign": unary("SIGN"),
    "Sin": unary("SIN"),
    "Softmax": softmax("SOFTMAX"),
    "Softplus": unary("SOFTPLUS"),
    "Softsign": unary("SOFTSIGN"),
    "Sqrt": unary("SQRT"),
    "Swish": unary("SILU", beta=("alpha", 1.0)),
    "Tanh": unary("TANH"),
    "ThresholdedRelu": unary("THRESHOLDED_RELU", alpha=("alpha", 1.0)),
}
