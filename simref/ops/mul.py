"""y = activation(a * b), in real numbers, with broadcasting."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from simref.fixedpoint import multiply_by_quantized_multiplier, quantize_multiplier, saturate
from simref.graph import Array, Layer, Quantization
from simref.ops._activation import activation_range
from simref.ops._binary import arithmetic_macc, float_form, integer_form, plain
from simref.ops._elementwise import BINARY_RULES, aligned, fused_activation, in_place, walk_params
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, Value, equation_of
from simref.ops._rules import Custom

# The product of two differences of int8 is below 2**16: so many more bits leave one for adding half a unit.
MAX_LEFT_SHIFT = 13


def scaling(layer: Layer) -> tuple[int, int]:
    """(multiplier, shift) of the product of both input scales over the output's, in float32 as TFLite's Prepare."""
    a, b, y = (np.float32(t.scale) for t in (layer.input(0), layer.input(1), layer.output))
    return quantize_multiplier(float(a * b / y))


def _scale_violation(layer: Layer) -> str | None:
    if scaling(layer)[1] <= MAX_LEFT_SHIFT:
        return None
    ratio = layer.input(0).scale * layer.input(1).scale / layer.output.scale
    return f"input scale * input scale / output scale is {ratio:g}, must be below 2**{MAX_LEFT_SHIFT}"


def _break_scale(layer: Layer) -> Layer:
    scale = layer.input(0).scale * layer.input(1).scale * 2.0 ** -(MAX_LEFT_SHIFT + 1)
    quantization = Quantization(np.array([scale], np.float32), np.zeros(1, np.int64))
    return layer.replace(outputs=(dataclasses.replace(layer.output, quantization=quantization),))


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Equals TFLite reference_integer_ops::Mul."""
    a, b = aligned(layer, inputs, np.int64)
    product = (a - layer.input(0).zero_point) * (b - layer.input(1).zero_point)
    y = multiply_by_quantized_multiplier(product, *scaling(layer)) + layer.output.zero_point
    low, high = activation_range(layer.attributes.activation, layer.output)
    return (saturate(np.clip(y, low, high), np.int8),)


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same, compiled."""
    from simref.ops._numba_elementwise import mul_flat, over_flat

    low, high = activation_range(layer.attributes.activation, layer.output)
    zero_points = (layer.input(0).zero_point, layer.input(1).zero_point)
    rest = (*zero_points, *scaling(layer), layer.output.zero_point, low, high)
    return (over_flat(mul_flat, *aligned(layer, inputs, np.int8), *rest),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call of mul_s8."""
    a, b = layer.input(0), layer.input(1)
    multiplier, shift = scaling(layer)
    right = max(-shift, 0)
    low, high = activation_range(layer.attributes.activation, layer.output)
    params: dict[str, Value] = {
        **walk_params(a.shape, b.shape),
        "a_zero_point": a.zero_point,
        "b_zero_point": b.zero_point,
        "left_shift": max(shift, 0),
        "multiplier": multiplier,
        "half": (1 << right) >> 1,
        "away": -1 if right else 0,
        "right_shift": right,
        "output_zero_point": layer.output.zero_point,
        "low": low,
        "high": high,
    }
    return (KernelCall(kernel="mul_s8", params=params, operands=(0, 1)),)


OP = Op(
    name="MUL",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="MulOptions", attributes=fused_activation),
    macc=arithmetic_macc,
    forms=(
        Form(
            rounding="double",
            rules=(
                *BINARY_RULES,
                Custom(
                    f"the product of the input scales is below 2**{MAX_LEFT_SHIFT} output scales",
                    _scale_violation,
                    _break_scale,
                ),
            ),
            reference=reference,
            numba=numba,
            kernels=kernels,
            in_place=in_place,
        ),
        float_form("mul", plain(np.multiply), activation=True),
        integer_form("mul", plain(np.multiply), activation=True),
    ),
)
