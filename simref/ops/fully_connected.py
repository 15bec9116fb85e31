"""y[n, o] = activation(b[o] + sum over c of w[o, c] * x[n, c]), the input flattened to rows of the weights' depth."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simref.errors import ModelError
from simref.fixedpoint import quantize_multipliers, wrap_int32
from simref.graph import Array, Layer, Quantization, Shape
from simref.ops._activation import Activation, activation_from_tflite, activation_range
from simref.ops._convolution_f32 import Sums, dense_call, ended, sums_form
from simref.ops._convolution_f32 import operand_rules as operand_rules_f32
from simref.ops._lut import codebook_rule, dense_lut_call
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, Value, equation_of, never_in_place
from simref.ops._quantized import (
    BIAS,
    INT32_LIMIT,
    WEIGHTS,
    Requantization,
    bias_of,
    channel_rules,
    dense_params,
    exact_float,
    folded_bias,
    macc_of,
    operand_rules,
    packed_rows,
    real_factors,
)
from simref.ops._rules import Custom, Operands, OutputShape

MAX_RANK = 8
_DEFAULT_FORMAT = 0
_SEARCHED = 32  # multipliers on each side of the nearest


@dataclass(frozen=True)
class Attributes:
    """keep_num_dims: the output keeps all dimensions of the input but the last; otherwise it is (rows, outputs)."""

    keep_num_dims: bool
    activation: Activation


def attributes(options: Any, layer: Layer) -> Attributes:
    """The options table; weights must lie in rows."""
    if options.WeightsFormat() != _DEFAULT_FORMAT:
        raise ModelError(f"weights format is {options.WeightsFormat()}, must be DEFAULT (0)")
    return Attributes(bool(options.KeepNumDims()), activation_from_tflite(options.FusedActivationFunction()))


def _depth_violation(layer: Layer) -> str | None:
    x, depth = layer.input(0), layer.input(WEIGHTS).shape[1]
    if layer.attributes.keep_num_dims:
        return None if x.shape[-1] == depth else f"last dimension of the input is {x.shape[-1]}, must be {depth}"
    return None if x.elements % depth == 0 else f"input has {x.elements} elements, must be a multiple of {depth}"


def _break_depth(layer: Layer) -> Layer:
    depth = layer.input(WEIGHTS).shape[1]
    return layer.replace(inputs=(dataclasses.replace(layer.input(0), shape=(1, depth + 1)), *layer.inputs[1:]))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """(rows, outputs), or the input's shape with its last dimension replaced."""
    x, (channels, depth) = layer.input(0), layer.input(WEIGHTS).shape
    if layer.attributes.keep_num_dims:
        return ((*x.shape[:-1], channels),)
    return ((x.elements // depth, channels),)


def macc(layer: Layer) -> int:
    """Output elements times the depth, the biases, and a float activation."""
    return macc_of(layer, layer.output.elements * layer.input(WEIGHTS).shape[1])


@dataclass(frozen=True)
class _Range:
    """Of a layer: its output range, and the largest magnitude that a sum of products and bias can have."""

    zero_point: int
    low: int
    high: int
    largest_sum: int


def _range(layer: Layer) -> _Range:
    low, high = activation_range(layer.attributes.activation, layer.output)
    weights = layer.constant(WEIGHTS).astype(np.int64)
    sums = np.abs(bias_of(layer, len(weights))) + 256 * np.abs(weights).sum(axis=1)
    return _Range(layer.output.zero_point, low, high, min(int(sums.max(initial=0)), INT32_LIMIT - 1))


def round_half_away(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """To the nearest integer, ties away from zero: C's round()."""
    whole = np.trunc(x)
    return np.asarray(whole + np.sign(x) * (np.abs(x - whole) >= 0.5))


def first_sums(reals: NDArray[np.float64], steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """The smallest sum that `reals` (channels, 1) round to at least each of `steps`: (channels, steps)."""
    nearby = np.ceil((steps - 0.5) / reals)[..., np.newaxis] + np.arange(-2, 3)
    below = round_half_away(nearby * reals[..., np.newaxis]) < steps[:, np.newaxis]
    return np.asarray(nearby[..., 0] + below.sum(axis=-1)).clip(-(2.0**40), 2.0**40).astype(np.int64)


def once(sums: NDArray[np.int64], multiplier: NDArray[np.int64], shift: NDArray[np.int64]) -> NDArray[np.int64]:
    """floor(sums * multiplier * 2**(shift - 31) + 1/2): what runtime_c/fully_connected_s8.c computes."""
    left = np.maximum(shift + 1, 0)
    right = np.maximum(-1 - shift, 0)
    return np.asarray((((sums << left) * multiplier) + (np.int64(1) << (31 + right))) >> (32 + right))


def integer_scales(layer: Layer) -> tuple[Requantization, NDArray[np.bool_]]:
    """Multipliers with which one integer rounding gives what TFLite rounds in double precision; which ones do.

    Both are monotonic in the sum, so they agree on all sums when they take each of at most 255 steps at the same sum.
    The nearest multiplier nearly always does; one beside it puts exact ties, which double precision rounds away from
    zero, on the right side.
    """
    r, reals = _range(layer), real_factors(layer)[:, np.newaxis]
    steps = np.arange(r.low - r.zero_point + 1, r.high - r.zero_point + 1)
    first = first_sums(reals, steps)
    at, before = (x.clip(-r.largest_sum - 1, r.largest_sum) for x in (first, first - 1))
    nearest, shift = (m.astype(np.int64)[:, np.newaxis] for m in quantize_multipliers(reals[:, 0]))
    chosen, agrees = nearest.copy(), np.zeros(nearest.shape, np.bool_)
    shiftable = (np.int64(r.largest_sum + 1) << np.maximum(shift + 1, 0)) <= INT32_LIMIT
    for distance in sorted(range(-_SEARCHED, _SEARCHED + 1), key=abs):
        m = (nearest + distance).clip(0, INT32_LIMIT - 1)
        rises = (first > r.largest_sum) | (once(at, m, shift) >= steps)
        waits = (first < -r.largest_sum) | (once(before, m, shift) < steps)
        fits = (rises & waits).all(axis=1, keepdims=True) & shiftable
        chosen = np.where(fits & ~agrees, m, chosen)
        agrees |= fits
        if agrees.all():
            break
    scales = (chosen[:, 0].astype(np.int32), shift[:, 0].astype(np.int32))
    return Requantization(*scales, r.zero_point, r.low, r.high), agrees[:, 0]


def _rounding_violation(layer: Layer) -> str | None:
    _, agrees = integer_scales(layer)
    if agrees.all():
        return None
    real = real_factors(layer)[~agrees][0]
    return f"no 31-bit multiplier rounds sums as the factor {real:.17g} does in double precision"


def _break_rounding(layer: Layer) -> Layer:
    """Sums of up to 2**30 whose rounding needs all of them: a factor of about 2**-23.4."""
    bias = layer.input(BIAS)
    scale = np.array([layer.output.scale * float(real_factors(layer).max()) / 0.757**2 * 2.0**23], np.float32)
    output = dataclasses.replace(layer.output, quantization=Quantization(scale, np.zeros(1, np.int64)))
    high = dataclasses.replace(bias, data=np.full(bias.shape, 1 << 30, np.int32))
    return layer.replace(inputs=(*layer.inputs[:BIAS], high), outputs=(output,))


def _sums(layer: Layer, x: Array) -> NDArray[np.float64]:
    """Exact sums of products and bias, (rows, channels)."""
    weights, zero_point = layer.constant(WEIGHTS), layer.input(0).zero_point
    dtype = exact_float(weights, zero_point)
    rows = x.reshape(-1, weights.shape[1]).astype(dtype) - dtype.type(zero_point)
    products = (rows @ weights.T.astype(dtype)).astype(np.int64)
    return wrap_int32(products + bias_of(layer, len(weights))).astype(np.float64)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Equals TFLite reference_integer_ops::FullyConnected and FullyConnectedPerChannel, which round in double."""
    r = _range(layer)
    y = round_half_away(_sums(layer, inputs[0]) * real_factors(layer)) + r.zero_point
    return (y.clip(r.low, r.high).astype(np.int8).reshape(len(inputs[0]), *layer.output.shape),)


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same sums, rounded in compiled code."""
    from simref.ops._numba import round_rows

    r, channels = _range(layer), len(layer.constant(WEIGHTS))
    reals = np.ascontiguousarray(np.broadcast_to(real_factors(layer), (channels,)))
    y = round_rows(_sums(layer, inputs[0]), reals, r.zero_point, r.low, r.high)
    return (y.reshape(len(inputs[0]), *layer.output.shape),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One matrix product."""
    weights = layer.constant(WEIGHTS)
    channels, depth = weights.shape
    bias = folded_bias(weights, bias_of(layer, channels), layer.input(0).zero_point)
    scales = integer_scales(layer)[0]
    params: dict[str, Value] = {
        "rows": layer.input(0).elements // depth,
        "per_channel": int(len(scales.multiplier) > 1),
        **dense_params(scales, depth, channels),
    }
    return (KernelCall(kernel="fully_connected_s8", params=params, operands=(0, packed_rows(weights), bias)),)


def compute_f32(layer: Layer, x: Array, sums: Sums) -> Array:
    """The sums of _convolution_f32: a convolution of one tap over an image with a row of the input in each pixel."""
    weights = np.ascontiguousarray(layer.constant(WEIGHTS).T)
    rows = x.reshape(1, -1, 1, len(weights))
    y = sums(rows, weights[np.newaxis, np.newaxis, np.newaxis], (rows.shape[1], 1), (1, 1), (1, 1), 1, layer.fused)
    return ended(layer, y).reshape(len(x), *layer.output.shape)


def kernels_f32(layer: Layer) -> tuple[KernelCall, ...]:
    """One matrix product."""
    weights = layer.input(WEIGHTS)
    rows = layer.input(0).elements // weights.shape[1]
    if weights.codebook is not None:
        return (dense_lut_call(layer, weights.codebook, rows),)
    return (dense_call(layer, rows),)


_DEPTH_RULE = Custom("the input divides into rows of the weights' depth", _depth_violation, _break_depth)

OP = Op(
    name="FULLY_CONNECTED",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="FullyConnectedOptions", attributes=attributes),
    macc=macc,
    forms=(
        Form(
            rounding="once, in double precision",
            rules=(
                Operands(2, 3),
                *operand_rules((1, MAX_RANK), 2),
                _DEPTH_RULE,
                *channel_rules(0),
                Custom(
                    "an integer multiplier rounds every sum as double precision does",
                    _rounding_violation,
                    _break_rounding,
                ),
                OutputShape(output_shapes),
            ),
            reference=reference,
            numba=numba,
            kernels=kernels,
            in_place=never_in_place,
        ),
        sums_form(
            rules=(
                Operands(2, 3),
                *operand_rules_f32((1, MAX_RANK), 2, axis=0),
                _DEPTH_RULE,
                codebook_rule(0),
                OutputShape(output_shapes),
            ),
            compute=compute_f32,
            kernels=kernels_f32,
        ),
    ),
)
