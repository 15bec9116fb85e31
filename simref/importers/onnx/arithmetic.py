"""Elementwise nodes of several operands: arithmetic, comparison, logic, selection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.importers.onnx.context import Context, Converter
from simref.importers.onnx.reader import Node
from simref.importers.onnx.value import Value, constant
from simref.ops._activation import Activation
from simref.ops._elementwise import Attributes as Elementwise

PLAIN = Elementwise(Activation.NONE)
NARROW = ("int8", "uint8", "int16", "uint16")
# Operators of NARROW integers whose results are those of int32, cut to the narrow type.
WIDENED = frozenset(
    (
        *("ADD", "DIV", "EQUAL", "FLOOR_MOD", "FMOD", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "MAXIMUM"),
        *("MINIMUM", "MUL", "NOT_EQUAL", "SUB"),
    )
)


def combine(
    ctx: Context, node: Node, op: str, values: Sequence[Value], attributes: Any = None, **options: Any
) -> Value:
    """The value of a layer that broadcasts its operands.

    Narrow integers are computed as int32 and cut to their size again, as ONNX has them wrap.
    """
    narrow = values[-1].dtype.name
    if op in WIDENED and narrow in NARROW and all(value.dtype.name == narrow for value in values):
        wide = [_widened(ctx, node, value, k) for k, value in enumerate(values)]
        if options.get("dtype") == "bool":
            return combine(ctx, node, op, wide, attributes, **options)
        suffix = options.pop("suffix", "")
        result = combine(ctx, node, op, wide, attributes, suffix=f"{suffix}/wide", **options)
        return ctx.map(node, "CAST", result, dtype=narrow, suffix=suffix)
    tensors, order, shape = ctx.unified(node, values)
    return ctx.computed(node, ctx.layer(node, op, tensors, attributes, **options), order, shape)


def _widened(ctx: Context, node: Node, value: Value, position: int) -> Value:
    if value.data is not None:
        return constant(value.name, value.data.astype(np.int32))
    return ctx.map(node, "CAST", value, dtype="int32", suffix=f"/operand{position}")


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
    """POW; constant exponents of 0.5, 1 and 2 are cheaper layers."""
    x, exponent = ctx.operand(node, 0), ctx.operand(node, 1)
    if exponent.data is not None and exponent.data.size == 1 and exponent.rank <= x.rank and x.dtype == np.float32:
        number = float(exponent.data.reshape(-1)[0])
        if number == 1.0:
            return [x]
        if number in (0.5, 2.0):
            return [ctx.map(node, "SQUARE" if number == 2.0 else "SQRT", x)]
        exponent = constant(exponent.name, exponent.data.astype(np.float32))
    return [combine(ctx, node, "POW", [x, exponent])]


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
