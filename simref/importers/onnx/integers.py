"""Integers that no kernel computes with, as wider ones or as signed ones of their size: every result stays exact."""

from __future__ import annotations

import numpy as np

from simref.importers.onnx.context import Context
from simref.importers.onnx.reader import Node
from simref.importers.onnx.value import Value, constant
from simref.ops._activation import Activation
from simref.ops._elementwise import Attributes as Elementwise

_WIDER = {"int8": "int32", "uint8": "int32", "int16": "int32", "uint16": "int32", "uint32": "int64"}
# Operators whose results are those of wider integers, cut to the narrow type.
_NAMES = """
    ABS ADD ARG_MAX ARG_MIN CLIP DIV EQUAL FLOOR_MOD FMOD GREATER GREATER_EQUAL LESS LESS_EQUAL MAXIMUM MINIMUM MUL NEG
    NOT_EQUAL REDUCE_MAX REDUCE_MIN REDUCE_PROD SIGN SUB SUM TOPK_V2
"""
_WIDENED = frozenset(_NAMES.split())
# Operators that do not ask for more of uint64 than its bits, and those that only ask which number is larger.
_OF_BITS = frozenset(("ADD", "EQUAL", "MUL", "NOT_EQUAL", "SUB", "SUM"))
_PICKING = frozenset(("ARG_MAX", "ARG_MIN", "TOPK_V2"))
_OF_ORDER = _PICKING.union(
    ("GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "MAXIMUM", "MINIMUM", "REDUCE_MAX", "REDUCE_MIN")
)
_LOWEST = np.iinfo(np.int64).min


def substitute(op: str, dtype: str) -> str:
    """The dtype to compute such a layer in: the dtype itself, unless kernels lack it and another one is exact."""
    if dtype == "bool" and op in ("REDUCE_MAX", "REDUCE_MIN"):
        return "int32"
    if dtype == "uint64" and op in _OF_BITS | _OF_ORDER:
        return "int64"
    if dtype == "int8" and op in _PICKING:  # whose kernels take int8 without a scale too
        return dtype
    return _WIDER.get(dtype, dtype) if op in _WIDENED else dtype


def is_quantized(ctx: Context, value: Value) -> bool:
    """True for integers that stand for reals, which kernels compute with as they are."""
    return value.data is None and ctx.builder.tensors[value.tensor].quantization is not None


def entered(ctx: Context, node: Node, op: str, value: Value, suffix: str = "") -> Value:
    """The value in the dtype that the layer computes in."""
    dtype = substitute(op, value.dtype.name)
    if dtype == value.dtype.name or is_quantized(ctx, value):
        return value
    shifted = value.dtype == np.uint64 and op in _OF_ORDER
    if value.data is not None:
        data = value.data.astype(dtype)
        return constant(value.name, data + np.int64(_LOWEST) if shifted else data)
    wide = ctx.map(node, "CAST", value, dtype=dtype, suffix=f"{suffix}/{dtype}")
    return _shifted(ctx, node, wide, suffix) if shifted else wide


def left(ctx: Context, node: Node, op: str, value: Value, dtype: str, suffix: str = "") -> Value:
    """What such a layer computed, in the dtype of its operands again."""
    if value.dtype.name == dtype or value.dtype.name != substitute(op, dtype):
        return value
    if dtype == "uint64" and op in _OF_ORDER:
        value = _shifted(ctx, node, value, f"{suffix}/result")
    return ctx.map(node, "CAST", value, dtype=dtype, suffix=suffix)


def _shifted(ctx: Context, node: Node, value: Value, suffix: str) -> Value:
    """The first bit turned: uint64 in the order of int64, and back."""
    lowest = constant(f"{value.name}/lowest", np.array([_LOWEST], np.int64))
    tensors, order, shape = ctx.unified(node, [value, lowest])
    made = ctx.layer(node, "ADD", tensors, Elementwise(Activation.NONE), suffix=f"{suffix}/order")
    return ctx.computed(node, made, order, shape)
