"""y = x * min(max(x + 3, 0), 6) / 6."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from simref.fixedpoint import Int64, quantize_multiplier, rounding_divide_by_pot
from simref.graph import Array, Layer, Quantization
from simref.ops._lookup import lookup_form
from simref.ops._numbers import clamp
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._rules import Custom
from simref.ops._unary import plain, unary_form

# int16 holds x - zero_point, 9 bits, shifted left by 7.
LEFT_SHIFT = 7
# A right shift of an int16.
MAX_SHIFT = 15


@dataclass(frozen=True)
class Scaling:
    """int16 multipliers and their exponents: to the output's scale, and to that where 3.0 is 32768 ("reluish")."""

    output: tuple[int, int]
    reluish: tuple[int, int]


def scaling(layer: Layer) -> Scaling:
    """Equals TFLite's HardSwishPrepare, in float32."""
    hires = np.float32(1 / 128) * np.float32(layer.input(0).scale)
    return Scaling(
        _int16_multiplier(float(hires / np.float32(layer.output.scale))),
        _int16_multiplier(float(hires / (np.float32(3) / np.float32(32768)))),
    )


def _int16_multiplier(real: float) -> tuple[int, int]:
    """Equals `DownScaleInt32ToInt16Multiplier` of the quantized multiplier."""
    multiplier, exponent = quantize_multiplier(real)
    return min((multiplier + (1 << 15)) >> 16, 2**15 - 1), exponent


def _wrap16(x: Int64) -> Int64:
    return x.astype(np.int16).astype(np.int64)


def _saturate16(x: Int64) -> Int64:
    return np.clip(x, -(2**15), 2**15 - 1)


def _rounding_high_mul(a: Int64, b: int) -> Int64:
    """Equals gemmlowp's int16 `SaturatingRoundingDoublingHighMul` for b >= 0."""
    return (a * b + (1 << 14)) >> 15


def function(layer: Layer, x: Int64) -> Int64:
    """Equals TFLite reference_ops::HardSwish of quantized values: x on the output's scale times (x + 3) / 6."""
    scales = scaling(layer)
    hires = (x - layer.input(0).zero_point) << LEFT_SHIFT
    on_output_scale = _rounding_high_mul(hires, scales.output[0])
    multiplier, exponent = scales.reluish
    left, right = max(exponent, 0), max(-exponent, 0)
    # The last bit of a left shift comes after the multiplication: only there may saturation be felt.
    relu = _saturate16(hires << max(left - 1, 0))
    relu = _rounding_high_mul(relu, multiplier)
    relu = rounding_divide_by_pot(_saturate16(relu << min(left, 1)), right)
    factor = (relu + (1 << 15)) >> 1
    product = factor * on_output_scale
    towards_zero = np.sign(product) * (np.abs(product) >> 15)
    y = rounding_divide_by_pot(towards_zero, -scales.output[1])
    return _wrap16(y + layer.output.zero_point)


def macc(layer: Layer) -> int:
    """Two multiplications per element: no published figure of the vendor's tool is known for this operator."""
    return 2 * layer.output.elements


def _scale_violation(layer: Layer) -> str | None:
    scales = scaling(layer)
    if not -MAX_SHIFT <= scales.output[1] <= 0:
        ratio = layer.input(0).scale / layer.output.scale
        return f"input scale is {ratio:g} output scales, must be 2**-9 to 2**7"
    if not -MAX_SHIFT <= scales.reluish[1] <= MAX_SHIFT:
        return f"input scale is {layer.input(0).scale:g}, must be 2e-7 to 384"
    return None


def _break_scale(layer: Layer) -> Layer:
    quantization = Quantization(np.array([layer.input(0).scale * 2.0**-8], np.float32), np.zeros(1, np.int64))
    return layer.replace(outputs=(dataclasses.replace(layer.output, quantization=quantization),))


def hard_swish(x: Array) -> Array:
    """The sum, then two products, each rounded: the last one is with 1 / 6."""
    return np.asarray(x * clamp(x + np.float32(3), 0, 6) * np.float32(1 / 6))


OP = Op(
    name="HARD_SWISH",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="HardSwishOptions"),
    macc=macc,
    forms=(
        lookup_form(
            function,
            "four steps in int16: to nearest, but the product of both factors towards zero",
            Custom("input scale is 2e-7 to 384, and 2**-9 to 2**7 output scales", _scale_violation, _break_scale),
        ),
        unary_form("hard_swish_array", plain(hard_swish)),
    ),
)
