"""The table of operators: one line each, one module each (the name in lower case)."""

from __future__ import annotations

import importlib
from functools import cache

from simref.errors import UnsupportedError
from simref.graph import Layer
from simref.ops._op import KernelCall, Op, TFLiteBinding

__all__ = ["OPERATORS", "KernelCall", "Op", "TFLiteBinding", "check_layer", "operator"]

OPERATORS = (
    "ADD",
    "ARG_MAX",
    "AVERAGE_POOL_2D",
    "CONCATENATION",
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "DEQUANTIZE",
    "EXPAND_DIMS",
    "FULLY_CONNECTED",
    "HARD_SWISH",
    "LEAKY_RELU",
    "LOGISTIC",
    "MAXIMUM",
    "MAX_POOL_2D",
    "MEAN",
    "MINIMUM",
    "MUL",
    "PACK",
    "PAD",
    "PADV2",
    "QUANTIZE",
    "REDUCE_MAX",
    "REDUCE_MIN",
    "RELU",
    "RELU6",
    "RESHAPE",
    "RESIZE_BILINEAR",
    "RESIZE_NEAREST_NEIGHBOR",
    "SLICE",
    "SOFTMAX",
    "SPLIT",
    "SQUEEZE",
    "STRIDED_SLICE",
    "SUB",
    "SUM",
    "TANH",
    "TRANSPOSE",
    "TRANSPOSE_CONV",
    "UNPACK",
)


@cache
def operator(name: str) -> Op:
    """The operator of that name; raises KeyError for a name that is not in the table."""
    if name not in OPERATORS:
        raise KeyError(name)
    op = importlib.import_module(f"simref.ops.{name.lower()}").OP
    assert isinstance(op, Op)
    return op


def check_layer(layer: Layer) -> None:
    """Raise UnsupportedError naming the layer, the rule it breaks and the way out; return when all rules hold."""
    if layer.op not in OPERATORS:
        raise UnsupportedError(f"{layer} is not supported. See 'simref supported-ops' for the operators that are.")
    for rule in operator(layer.op).rules:
        found = rule.violation(layer)
        if found is not None:
            raise UnsupportedError(f"{layer}: {found}. See 'simref supported-ops {layer.op}'.")
