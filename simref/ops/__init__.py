"""The table of operators: one line each, one module each (the name in lower case)."""

from __future__ import annotations

import importlib
from functools import cache

from simref.errors import UnsupportedError
from simref.graph import Layer, Shape
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding
from simref.ops._rules import OutputShape, Rule

__all__ = [
    "OPERATORS",
    "Form",
    "KernelCall",
    "Op",
    "TFLiteBinding",
    "check_layer",
    "computed_shapes",
    "operator",
    "violation",
]

OPERATORS = (
    "ABS",
    "ADD",
    "ARG_MAX",
    "ARG_MIN",
    "AVERAGE_POOL_2D",
    "BATCH_MATMUL",
    "BATCH_NORMALIZATION",
    "BROADCAST_TO",
    "CAST",
    "CEIL",
    "CELU",
    "CLIP",
    "CONCATENATION",
    "CONV_2D",
    "COS",
    "CUMSUM",
    "DEPTHWISE_CONV_2D",
    "DEPTH_TO_SPACE",
    "DEQUANTIZE",
    "DIV",
    "ELU",
    "EQUAL",
    "ERF",
    "EXP",
    "EXPAND_DIMS",
    "FLOOR",
    "FLOOR_DIV",
    "FLOOR_MOD",
    "FMOD",
    "FULLY_CONNECTED",
    "GATHER",
    "GATHER_ELEMENTS",
    "GATHER_ND",
    "GELU",
    "GREATER",
    "GREATER_EQUAL",
    "GRU",
    "HARD_SIGMOID",
    "HARD_SWISH",
    "INSTANCE_NORMALIZATION",
    "L2_NORMALIZATION",
    "LAYER_NORMALIZATION",
    "LEAKY_RELU",
    "LESS",
    "LESS_EQUAL",
    "LOG",
    "LOGICAL_AND",
    "LOGICAL_NOT",
    "LOGICAL_OR",
    "LOGISTIC",
    "LOG_SOFTMAX",
    "LSTM",
    "MAXIMUM",
    "MAX_POOL_2D",
    "MEAN",
    "MINIMUM",
    "MIRROR_PAD",
    "MISH",
    "MUL",
    "NEG",
    "NOT_EQUAL",
    "PACK",
    "PAD",
    "PADV2",
    "POW",
    "PRELU",
    "QUANTIZE",
    "RECIPROCAL",
    "REDUCE_MAX",
    "REDUCE_MIN",
    "REDUCE_PROD",
    "RELU",
    "RELU6",
    "RELU_0_TO_1",
    "RELU_N1_TO_1",
    "RESHAPE",
    "RESIZE_BILINEAR",
    "RESIZE_CUBIC",
    "RESIZE_NEAREST_NEIGHBOR",
    "REVERSE_V2",
    "ROUND",
    "RSQRT",
    "SELECT_V2",
    "SELU",
    "SIGN",
    "SILU",
    "SIMPLE_RNN",
    "SIN",
    "SLICE",
    "SOFTMAX",
    "SOFTPLUS",
    "SOFTSIGN",
    "SPACE_TO_DEPTH",
    "SPLIT",
    "SQRT",
    "SQUARE",
    "SQUARED_DIFFERENCE",
    "SQUEEZE",
    "STRIDED_SLICE",
    "SUB",
    "SUM",
    "TANH",
    "THRESHOLDED_RELU",
    "TILE",
    "TOPK_V2",
    "TRANSPOSE",
    "TRANSPOSE_CONV",
    "TRUNC",
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
    found = violation(layer)
    if found is not None:
        raise UnsupportedError(f"{layer}: {found}. See 'simref supported-ops {layer.op}'.")


def violation(layer: Layer) -> str | None:
    """What of a layer of the table breaks the first of its operator's rules that does not hold; None if all hold."""
    op = operator(layer.op)
    form = op.find_form(layer)
    if form is None:
        return op.dtype_violation(layer)
    return next((found for rule in form.rules if (found := rule.violation(layer)) is not None), None)


def computed_shapes(layer: Layer) -> tuple[Shape, ...] | None:
    """The output shapes that the operator computes; None where the layer breaks a rule that comes before."""
    form = operator(layer.op).find_form(layer) if layer.op in OPERATORS else None
    before: list[Rule] = []
    for rule in form.rules if form else ():
        if isinstance(rule, OutputShape):
            return None if any(earlier.violation(layer) is not None for earlier in before) else rule.shapes(layer)
        before.append(rule)
    return None
