"""Reductions, indices of extremes, running sums."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.importers.onnx.arithmetic import PLAIN, combine
from simref.importers.onnx.context import Context, Converter
from simref.importers.onnx.integers import entered, left
from simref.importers.onnx.layout import plain, without
from simref.importers.onnx.reader import Node
from simref.importers.onnx.value import Value, constant
from simref.ops._arg import Attributes as ArgExtreme
from simref.ops._reduce import Attributes as Reduce
from simref.ops.cumsum import Attributes as CumSum
from simref.ops.topk_v2 import Attributes as TopK


def reduced(ctx: Context, node: Node, op: str, x: Value, axes: Sequence[int], keep: bool, suffix: str = "") -> Value:
    """The value of a reduction over those axes of the model."""
    tensor, order = stored(ctx, node, x)
    attributes = Reduce(tuple(sorted(order.index(axis) for axis in axes)), keep)
    made = ctx.layer(node, op, [tensor], attributes, suffix=suffix)
    return ctx.computed(node, made, order if keep else without(order, axes))


def stored(ctx: Context, node: Node, x: Value) -> tuple[int, tuple[int, ...]]:
    """A tensor that holds the value, and its order, whichever that is."""
    order = ctx.order(x)
    return ctx.arranged(node, x, order), order


def _axes(ctx: Context, node: Node, x: Value) -> tuple[int, ...]:
    axes = ctx.axes(node, x, 1)
    if not axes:
        return () if node.get("noop_with_empty_axes", False) else plain(x.rank)
    return axes


def reduction(op: str, before: str | None = None, after: str | None = None) -> Converter:
    """A reduction with an elementwise layer before and one after it."""

    def convert(ctx: Context, node: Node) -> Sequence[Value]:
        x = ctx.operand(node, 0)
        axes, keep = _axes(ctx, node, x), node.get("keepdims", True)
        value = entered(ctx, node, op, x)
        wide = value is not x
        value = value if before is None else ctx.map(node, before, value, suffix=f"/{before.lower()}")
        if axes:
            value = reduced(ctx, node, op, value, axes, keep, suffix=f"/{op.lower()}" if after or wide else "")
        value = value if after is None else ctx.map(node, after, value, suffix="/wide" if wide else "")
        return [left(ctx, node, op, value, x.dtype.name) if wide else value]

    convert.__doc__ = f"{', then '.join(filter(None, (before, op, after)))}; the axes must be constant."
    return convert


def log_sum_exp(ctx: Context, node: Node) -> Sequence[Value]:
    """REDUCE_MAX, SUB, EXP, SUM, LOG and ADD: what is summed lies below the largest, so nothing overflows."""
    x = ctx.operand(node, 0)
    axes, keep = _axes(ctx, node, x), node.get("keepdims", True)
    if not axes:
        return [x]
    largest = reduced(ctx, node, "REDUCE_MAX", x, axes, True, "/max")
    below = combine(ctx, node, "SUB", [x, largest], PLAIN, suffix="/sub")
    powers = ctx.map(node, "EXP", below, suffix="/exp")
    logs = ctx.map(node, "LOG", reduced(ctx, node, "SUM", powers, axes, True, "/sum"), suffix="/log")
    total = combine(ctx, node, "ADD", [logs, largest], PLAIN)
    return [total if keep else ctx.reshape(node, total, tuple(x.shape[k] for k in range(x.rank) if k not in axes))]


def arg_extreme(op: str) -> Converter:
    """ARG_MAX or ARG_MIN."""

    def convert(ctx: Context, node: Node) -> Sequence[Value]:
        x = ctx.operand(node, 0)
        axis, keep = x.axis(node, node.get("axis", 0)), node.get("keepdims", True)
        tensor, order = stored(ctx, node, entered(ctx, node, op, x))
        attributes = ArgExtreme(order.index(axis), keep, node.get("select_last_index", False))
        made = ctx.layer(node, op, [tensor], attributes, dtype="int64")
        return [ctx.computed(node, made, order if keep else without(order, [axis]))]

    convert.__doc__ = f"{op}."
    return convert


def cumulative_sum(ctx: Context, node: Node) -> Sequence[Value]:
    """CUMSUM along a constant axis."""
    x, axes = ctx.operand(node, 0), ctx.integers(node, "axis", 1)
    if axes is None or len(axes) != 1:
        raise ModelError(f"{node}: its axis is {axes}, must be one number")
    tensor, order = stored(ctx, node, x)
    fields = {"exclusive": node.get("exclusive", False), "reverse": node.get("reverse", False)}
    attributes = CumSum(axis=order.index(x.axis(node, axes[0])), **fields)
    return [ctx.computed(node, ctx.layer(node, "CUMSUM", [tensor], attributes), order)]


def top_k(ctx: Context, node: Node) -> Sequence[Value]:
    """TOPK_V2, sorted: the largest or smallest and where they are."""
    x, k = ctx.operand(node, 0), ctx.integers(node, "k", 1)
    if k is None or len(k) != 1:
        raise ModelError(f"{node}: its k is {k}, must be one number")
    values = entered(ctx, node, "TOPK_V2", x)
    tensor, order = stored(ctx, node, values)
    axis = order.index(x.axis(node, node.get("axis", -1)))
    attributes = TopK(k[0], node.get("largest", True), axis)
    dtypes, suffix = (values.dtype.name, "int64"), "" if values is x else "/wide"
    made = ctx.layers(node, "TOPK_V2", [tensor], attributes, outputs=2, dtype=dtypes, suffix=suffix)
    found, places = (ctx.computed(node, index, order) for index in made)
    return [left(ctx, node, "TOPK_V2", found, x.dtype.name), places]


def hardmax(ctx: Context, node: Node) -> Sequence[Value]:
    """ARG_MAX, EQUAL and CAST: 1 where the first of the largest elements is, 0 elsewhere."""
    x = ctx.operand(node, 0)
    axis = x.axis(node, node.get("axis", -1 if node.opset >= 13 else 1))
    if node.opset < 13 and axis != x.rank - 1:
        raise UnsupportedError(f"{node}: its axis is {axis} with opset {node.opset}, must be the last")
    tensor, order = stored(ctx, node, x)
    first = ctx.layer(node, "ARG_MAX", [tensor], ArgExtreme(order.index(axis), True), dtype="int64", suffix="/first")
    found = ctx.computed(node, first, order)
    ctx.check_constant(node, x.shape[axis])
    places = np.arange(x.shape[axis], dtype=np.int64).reshape(-1, *(1,) * (x.rank - 1 - axis))
    same = combine(ctx, node, "EQUAL", [found, constant(node.name + "/places", places)], dtype="bool", suffix="/equal")
    return [ctx.map(node, "CAST", same, dtype=x.dtype.name)]


CONVERTERS: dict[str, Converter] = {
    "ArgMax": arg_extreme("ARG_MAX"),
    "ArgMin": arg_extreme("ARG_MIN"),
    "CumSum": cumulative_sum,
    "Hardmax": hardmax,
    "ReduceL1": reduction("SUM", before="ABS"),
    "ReduceL2": reduction("SUM", before="SQUARE", after="SQRT"),
    "ReduceLogSum": reduction("SUM", after="LOG"),
    "ReduceLogSumExp": log_sum_exp,
    "ReduceMax": reduction("REDUCE_MAX"),
    "ReduceMean": reduction("MEAN"),
    "ReduceMin": reduction("REDUCE_MIN"),
    "ReduceProd": reduction("REDUCE_PROD"),
    "ReduceSum": reduction("SUM"),
    "ReduceSumSquare": reduction("SUM", before="SQUARE"),
    "TopK": top_k,
}
