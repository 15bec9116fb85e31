"""Elementwise nodes of several operands: arithmetic, comparison, logic, selection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array
from simref.importers.onnx.context import Context, Converter
from simref.importers.onnx.integers import entered, left
from simref.importers.onnx.reader import Node
from simref.importers.onnx.value import Value, constant
from simref.ops._activation import Activation
from simref.ops._elementwise import Attributes as Elementwise

PLAIN = Elementwise(Activation.NONE)


def combine(
    ctx: Context, node: Node, op: str, values: Sequence[Value], attributes: Any = None, **options: Any
) -> Value:
    """The value of a layer that broadcasts its operands.

    Narrow integers are computed as wider ones and cut to their size again, as ONNX has them wrap.
    """
    dtype, suffix = values[-1].dtype.name, options.pop("suffix", "")
    if {value.dtype.name for value in values} == {dtype}:
        values = [entered(ctx, node, op, value, f"{suffix}/operand{k}") for k, value in enumerate(values)]
    made = suffix if values[-1].dtype == dtype or options.get("dtype") == "bool" else f"{suffix}/wide"
    tensors, order, shape = ctx.unified(node, values)
    result = ctx.computed(node, ctx.layer(node, op, tensors, attributes, suffix=made, **options), order, shape)
    return left(ctx, node, op, result, dtype, suffix)


def mapped(ctx: Context, node: Node, op: str, x: Value, attributes: Any = None) -> Value:
    """The value of an elementwise layer of one operand, which may be of narrow integers."""
    wide = entered(ctx, node, op, x)
    result = ctx.map(node, op, wide, attributes, suffix="" if wide is x else "/wide")
    return left(ctx, node, op, result, x.dtype.name)


def binary(op: str, attributes: Any = None, dtype: str | None = None) -> Converter:
    """A node of two operands that is one layer."""

    def convert(ctx: Context, node: Node) -> Sequence[Value]:
        values = [ctx.operand(node, 0), ctx.operand(node, 1)]
        return [combine(ctx, node, op, values, attributes, dtype=dtype)]

    convert.__doc__ = f"{op}."
    return convert


def variadic(op: str, attributes: Any = None) -> Converter:
    """A node of any number of operands: one layer for each after the first."""

    def convert(ctx: Context, node: Node) -> Sequence[Value]:
        return [folded(ctx, node, op, ctx.operands(node), attributes)]

    convert.__doc__ = f"{op}, one layer for each operand after the first."
    return convert


def folded(ctx: Context, node: Node, op: str, values: Sequence[Value], attributes: Any) -> Value:
    """The operands combined from the first to the last."""
    total = values[0]
    for k, value in enumerate(values[1:], 1):
        suffix = "" if k == len(values) - 1 else f"/{k}"
        total = combine(ctx, node, op, [total, value], attributes, suffix=suffix)
    return total


def scalar(value: Value, number: float, name: str) -> Value:
    """A constant of one element, of the value's dtype."""
    return constant(f"{value.name}/{name}", np.array([number], value.dtype))


def mean(ctx: Context, node: Node) -> Sequence[Value]:
    """ADD for each operand after the first, then DIV by their number."""
    values = ctx.operands(node)
    if len(values) == 1:
        return values
    total = folded(ctx, node, "ADD", values, PLAIN)
    return [combine(ctx, node, "DIV", [total, scalar(values[0], len(values), "count")], PLAIN, suffix="/mean")]


def power(ctx: Context, node: Node) -> Sequence[Value]:
    """POW; constant exponents of 0.5, 1 and 2 of floats are cheaper layers, integers have exact powers."""
    x, exponent = ctx.operand(node, 0), ctx.operand(node, 1)
    if x.dtype.kind != "f":
        return [_integer_power(ctx, node, x, exponent)]
    if exponent.data is not None and exponent.data.size == 1 and exponent.rank <= x.rank:
        number = float(exponent.data.reshape(-1)[0])
        if number == 1.0:
            return [x]
        if number in (0.5, 2.0):
            return [ctx.map(node, "SQUARE" if number == 2.0 else "SQRT", x)]
    return [combine(ctx, node, "POW", [x, _as(ctx, node, exponent, "float32")])]


def _integer_power(ctx: Context, node: Node, x: Value, exponent: Value) -> Value:
    """Whole exponents only: the integers nearest to other powers depend on the last digit of a float."""
    if exponent.dtype.kind == "f" and not _is_whole(exponent.data):
        raise UnsupportedError(f"{node}: its exponents of integers are {exponent.dtype}, must be whole constants")
    large = {"uint32", "int64", "uint64"} & {x.dtype.name, exponent.dtype.name}
    dtype = "int64" if large else "int32"
    wide = [_as(ctx, node, value, dtype, f"/operand{k}") for k, value in enumerate((x, exponent))]
    power_of_wide = combine(ctx, node, "POW", wide, suffix="" if x.dtype == dtype else "/wide")
    return _as(ctx, node, power_of_wide, x.dtype.name, "")


def _is_whole(data: Array | None) -> bool:
    return data is not None and bool(np.all(np.abs(data) < 1 << 31)) and not np.any(data % 1)


def _as(ctx: Context, node: Node, value: Value, dtype: str, suffix: str = "/exponent") -> Value:
    """The value as another type, a constant at once."""
    if value.dtype == dtype:
        return value
    if value.data is not None:
        return constant(value.name, value.data.astype(dtype))
    return ctx.map(node, "CAST", value, dtype=dtype, suffix=suffix)


def modulo(ctx: Context, node: Node) -> Sequence[Value]:
    """FLOOR_MOD, or FMOD where the attribute fmod asks for the dividend's sign."""
    op = "FMOD" if node.get("fmod", False) else "FLOOR_MOD"
    return [combine(ctx, node, op, [ctx.operand(node, 0), ctx.operand(node, 1)])]


def where(ctx: Context, node: Node) -> Sequence[Value]:
    """SELECT_V2."""
    values = [ctx.operand(node, position) for position in range(3)]
    return [combine(ctx, node, "SELECT_V2", values, dtype=values[1].dtype.name)]


def is_nan(ctx: Context, node: Node) -> Sequence[Value]:
    """NOT_EQUAL: only NaN differs from itself."""
    x = ctx.operand(node, 0)
    return [combine(ctx, node, "NOT_EQUAL", [x, x], dtype="bool")]


def is_inf(ctx: Context, node: Node) -> Sequence[Value]:
    """GREATER, LESS or both: only an infinity lies beyond the largest finite number."""
    x = ctx.operand(node, 0)
    if x.dtype != np.float32:
        raise UnsupportedError(f"{node}: its input is {x.dtype}, must be float32")
    largest = float(np.finfo(np.float32).max)

    def beyond(op: str, limit: float) -> Value:
        bound = scalar(x, limit, "limit")
        return combine(ctx, node, op, [x, bound], dtype="bool", suffix="/" + op.lower())

    wanted = (node.get("detect_positive", True), node.get("detect_negative", True))
    if wanted == (True, True):
        return [combine(ctx, node, "LOGICAL_OR", [beyond("GREATER", largest), beyond("LESS", -largest)])]
    if wanted == (False, False):
        raise ModelError(f"{node}: it detects neither sign, must detect one")
    return [beyond("GREATER", largest) if wanted[0] else beyond("LESS", -largest)]


CONVERTERS: dict[str, Converter] = {
    "Add": binary("ADD", PLAIN),
    "And": binary("LOGICAL_AND"),
    "Div": binary("DIV", PLAIN),
    "Equal": binary("EQUAL", dtype="bool"),
    "Greater": binary("GREATER", dtype="bool"),
    "GreaterOrEqual": binary("GREATER_EQUAL", dtype="bool"),
    "IsInf": is_inf,
    "IsNaN": is_nan,
    "Less": binary("LESS", dtype="bool"),
    "LessOrEqual": binary("LESS_EQUAL", dtype="bool"),
    "Max": variadic("MAXIMUM"),
    "Mean": mean,
    "Min": variadic("MINIMUM"),
    "Mod": modulo,
    "Mul": binary("MUL", PLAIN),
    "Or": binary("LOGICAL_OR"),
    "Pow": power,
    "Sub": binary("SUB", PLAIN),
    "Sum": variadic("ADD", PLAIN),
    "Where": where,
    "Xor": binary("NOT_EQUAL", dtype="bool"),
}
