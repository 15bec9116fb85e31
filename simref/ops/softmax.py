"""y[..., c] = exp(beta * x[..., c]) / sum over k of exp(beta * x[..., k]), along `axis`.

int8: in gemmlowp's fixed point. float32: with m the first largest of the row, e = exp((x - m) * beta) and
s = 0 + e[0] + e[1] + … in order, y = e * (1 / s).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.errors import ModelError
from simref.fixedpoint import (
    Int64,
    exp_on_negative_values,
    quantize_multiplier,
    reciprocal,
    rounding_divide_by_pot,
    saturating_rounding_doubling_high_mul,
)
from simref.float32 import exp
from simref.graph import Array, Layer
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, Value, equation_of
from simref.ops._reduce_numbers import summed
from simref.ops._rows import LAST_AXIS, in_rows, out_of_rows, row_params
from simref.ops._rules import Custom, InputDtype, Operands, OutputDtype, OutputShape, PerTensor, Rank, same_shape
from simref.ops._softmax_f32 import FLOAT_RULES, in_place, less_largest, macc

_DIFFERENCE_BITS = 5  # integer bits of the differences that exp sees: Q5.26
_SUM_BITS = 12  # integer bits of the sum of exponentials: Q12.19
MAX_DEPTH = (1 << _SUM_BITS) - 1  # each exponential is at most 1, so the sum stays below 2**12
_OUTPUT_SCALE = 1 / 256


@dataclass(frozen=True)
class Attributes:
    """beta: what the input is multiplied by. axis: from the front, or from the end if negative."""

    beta: float
    axis: int = -1


def attributes(options: Any, layer: Layer) -> Attributes:
    """The options table; raises ModelError for a beta that is no positive number."""
    beta = float(options.Beta())
    if not (math.isfinite(beta) and beta > 0):
        raise ModelError(f"beta is {beta:g}, must be a positive number")
    return Attributes(beta)


def exponentials(layer: Layer) -> Int64:
    """exp(-beta * scale * d) as Q0.31 for the differences d = 0, 1, … to the row's maximum; beyond the end it is 0.

    Equals TFLite `PreprocessSoftmaxScaling` and `CalculateInputRadius`.
    """
    fraction_bits = 31 - _DIFFERENCE_BITS
    real = min(layer.attributes.beta * layer.input(0).scale * (1 << fraction_bits), 2.0**31 - 1)
    multiplier, left_shift = quantize_multiplier(real)
    radius = math.floor(((1 << _DIFFERENCE_BITS) - 1) * (1 << fraction_bits) / (1 << left_shift))
    differences = -np.arange(min(radius, 255) + 1, dtype=np.int64)
    scaled = saturating_rounding_doubling_high_mul(differences << left_shift, multiplier)
    return exp_on_negative_values(scaled, _DIFFERENCE_BITS)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Equals TFLite reference_ops::Softmax of int8, but where that aborts: a row with the sum of 512 largest elements.

    There every quotient rounds to zero.
    """
    x = inputs[0].astype(np.int64)
    values = exponentials(layer)
    table = np.concatenate([values, np.zeros(256 - len(values), np.int64)])
    exps = table[x.max(axis=-1, keepdims=True) - x]
    total = rounding_divide_by_pot(exps, _SUM_BITS).sum(axis=-1, keepdims=True)
    scale, bits_over_unit = reciprocal(total, _SUM_BITS)
    product = saturating_rounding_doubling_high_mul(scale, exps)
    y = rounding_divide_by_pot(product, bits_over_unit + 31 - 8) - 128
    return (np.clip(y, -128, 127).astype(np.int8),)


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same row by row, in compiled code."""
    from simref.ops._numba_softmax import softmax_rows

    x = np.ascontiguousarray(inputs[0])
    return (softmax_rows(x.reshape(-1, x.shape[-1]), exponentials(layer), _SUM_BITS).reshape(x.shape),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call over the rows, with the exponentials as a table."""
    depth = layer.input(0).shape[-1]
    table = exponentials(layer).astype(np.int32)
    params: dict[str, Value] = {
        "rows": layer.input(0).elements // depth,
        "depth": depth,
        "entries": len(table),
        "exponentials": table,
    }
    return (KernelCall(kernel="softmax_s8", params=params, operands=(0,)),)


def _depth_violation(layer: Layer) -> str | None:
    depth = layer.input(0).shape[-1]
    return None if 1 <= depth <= MAX_DEPTH else f"last dimension is {depth}, must be 1 to {MAX_DEPTH}"


def _break_depth(layer: Layer) -> Layer:
    deep = dataclasses.replace(layer.input(0), shape=(*layer.input(0).shape[:-1], MAX_DEPTH + 1))
    return layer.replace(inputs=(deep,))


def _scale_violation(layer: Layer) -> str | None:
    y, beta_scale = layer.output, layer.attributes.beta * layer.input(0).scale
    if y.zero_point != -128 or abs(y.scale - _OUTPUT_SCALE) > 0.001 * _OUTPUT_SCALE:
        return f"output scale and zero point are ({y.scale:g}, {y.zero_point}), must be (1/256, -128)"
    if beta_scale <= 2.0**-26:
        return f"beta times input scale is {beta_scale:g}, must be more than 2**-26"
    return None


def _break_scale(layer: Layer) -> Layer:
    tiny = dataclasses.replace(layer.attributes, beta=2.0**-26 / layer.input(0).scale / 2)
    return layer.replace(attributes=tiny)


def float_reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """float32 of the input's shape."""
    with np.errstate(all="ignore"):
        differences = less_largest(in_rows(layer, inputs[0]))
        exps = exp(differences * np.float32(layer.attributes.beta), layer.fused)
        return (out_of_rows(layer, exps * (np.float32(1) / summed(exps))[:, np.newaxis]),)


def float_numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same in compiled code."""
    from simref.ops._numba_softmax import float_softmax_rows

    beta = np.float32(layer.attributes.beta)
    return (out_of_rows(layer, float_softmax_rows(in_rows(layer, inputs[0]), beta, layer.fused)),)


def float_kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call over the rows."""
    params = {**row_params(layer), "beta": float(layer.attributes.beta)}
    return (KernelCall(kernel="softmax_f32", params=params, operands=(0,)),)


OP = Op(
    name="SOFTMAX",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="SoftmaxOptions", attributes=attributes),
    macc=macc,
    forms=(
        Form(
            rounding="gemmlowp fixed point: exponentials in Q0.31, their sum in Q12.19, one doubling high multiply",
            rules=(
                Operands(1),
                InputDtype("input", 0, ("int8",)),
                OutputDtype(("int8",)),
                PerTensor(),
                Rank("input", 0, 1, 8),
                Custom(f"last dimension is 1 to {MAX_DEPTH}", _depth_violation, _break_depth),
                Custom(
                    "output is (1/256, -128) and beta times input scale above 2**-26", _scale_violation, _break_scale
                ),
                LAST_AXIS,
                OutputShape(same_shape),
            ),
            reference=reference,
            numba=numba,
            kernels=kernels,
            in_place=in_place,
        ),
        Form(
            rounding="float32: exponentials summed in one lane, multiplied by the reciprocal",
            rules=FLOAT_RULES,
            reference=float_reference,
            numba=float_numba,
            kernels=float_kernels,
            in_place=in_place,
        ),
    ),
)
