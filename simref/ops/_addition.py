"""ADD and SUB: two inputs brought to one fixed-point scale, added or subtracted, brought to the output's scale."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from simref.fixedpoint import Int64, multiply_by_quantized_multiplier, quantize_multiplier, saturate
from simref.graph import Array, Layer, Quantization
from simref.ops._activation import activation_range
from simref.ops._elementwise import BINARY_RULES, aligned, in_place, walk_params
from simref.ops._op import Form, KernelCall, Value
from simref.ops._rules import Custom

# Inputs get 20 fractional bits: 9 bits of x - zero_point and these leave room for one addition in int32.
LEFT_SHIFT = 20


@dataclass(frozen=True)
class Scaling:
    """(multiplier, shift) of each input and of the output; TFLite computes them in float32, then double."""

    inputs: tuple[tuple[int, int], tuple[int, int]]
    output: tuple[int, int]


def scaling(layer: Layer) -> Scaling:
    """Equals TFLite's Prepare of ADD and SUB: inputs over twice the larger input scale, the output under it."""
    a, b = np.float32(layer.input(0).scale), np.float32(layer.input(1).scale)
    twice_max = float(np.float32(2) * max(a, b))
    return Scaling(
        (quantize_multiplier(float(a) / twice_max), quantize_multiplier(float(b) / twice_max)),
        quantize_multiplier(twice_max / float(np.float32(1 << LEFT_SHIFT) * np.float32(layer.output.scale))),
    )


def _scale_violation(layer: Layer) -> str | None:
    multiplier, shift = scaling(layer).output
    if shift < 0 or multiplier == 0:
        return None
    ratio = max(layer.input(0).scale, layer.input(1).scale) / layer.output.scale
    return f"the larger input scale is {ratio:g} output scales, must be below 2**18"


def _break_scale(layer: Layer) -> Layer:
    scale = np.array([layer.input(0).scale * 2.0**-18], np.float32)
    quantization = Quantization(scale, np.zeros(1, np.int64))
    return layer.replace(outputs=(dataclasses.replace(layer.output, quantization=quantization),))


# TFLite aborts on output multipliers of 1 and more, which no trained network has. Half of that lets the C kernel round
# with one addition.
SCALE_RULE = Custom("the larger input scale is below 2**18 output scales", _scale_violation, _break_scale)


def scaled_input(layer: Layer, position: int, x: Int64) -> Int64:
    """Values of an input, in units of 2**-20 of twice the larger input scale."""
    shifted = (x - layer.input(position).zero_point) << LEFT_SHIFT
    return multiply_by_quantized_multiplier(shifted, *scaling(layer).inputs[position])


def reference(layer: Layer, arrays: Sequence[Array], sign: int) -> tuple[Array, ...]:
    """Equals TFLite reference_integer_ops::Add (sign 1) and reference_ops::Sub (sign -1): three double roundings."""
    a, b = (scaled_input(layer, i, x) for i, x in enumerate(aligned(layer, arrays, np.int64)))
    y = multiply_by_quantized_multiplier(a + sign * b, *scaling(layer).output) + layer.output.zero_point
    low, high = activation_range(layer.attributes.activation, layer.output)
    return (saturate(np.clip(y, low, high), np.int8),)


def numba(layer: Layer, arrays: Sequence[Array], sign: int) -> tuple[Array, ...]:
    """The same, the inputs' scaled values looked up by their bytes."""
    from simref.ops._numba_elementwise import add_flat, over_flat

    values = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.int64)
    tables = (scaled_input(layer, 0, values), sign * scaled_input(layer, 1, values))
    low, high = activation_range(layer.attributes.activation, layer.output)
    rest = (*tables, *scaling(layer).output, layer.output.zero_point, low, high)
    a, b = aligned(layer, arrays, np.int8)
    return (over_flat(add_flat, a.view(np.uint8), b.view(np.uint8), *rest),)


def kernels(layer: Layer, sign: int) -> tuple[KernelCall, ...]:
    """One call of add_s8, the input with the larger scale first: its multiplier is a plain shift."""
    scales = scaling(layer)
    first, second = (0, 1) if layer.input(0).scale >= layer.input(1).scale else (1, 0)
    signs = (1, sign)
    a, b = layer.input(first), layer.input(second)
    multiplier, shift = _at_least_one_shift(*scales.inputs[second])
    output_multiplier, output_shift = _at_least_one_shift(*scales.output)
    low, high = activation_range(layer.attributes.activation, layer.output)
    a_multiplier = signs[first] << (LEFT_SHIFT - 1)
    b_high, b_low = multiplier >> 11, multiplier & 0x7FF
    params: dict[str, Value] = {
        **walk_params(a.shape, b.shape),
        "a_multiplier": a_multiplier,
        "bias": -a.zero_point * a_multiplier,
        "b_high": b_high,
        "b_high_bias": -b.zero_point * b_high,
        "b_low": b_low,
        "b_low_bias": -b.zero_point * b_low + (1 << 10),
        "b_half": 1 << (shift - 1),
        "b_shift": shift,
        "b_sign": signs[second],
        "output_multiplier": output_multiplier,
        "output_half": 1 << (output_shift - 1),
        "output_shift": output_shift,
        "output_zero_point": layer.output.zero_point,
        "low": low,
        "high": high,
    }
    return (KernelCall(kernel="add_s8", params=params, operands=(first, second)),)


def _at_least_one_shift(multiplier: int, shift: int) -> tuple[int, int]:
    """The multiplier, and a right shift of at least 1: one half, 2**30 unshifted, becomes 2**31 shifted by 1."""
    if multiplier == 0:
        return 0, 1
    return (multiplier, -shift) if shift < 0 else (2 * multiplier, 1)


def addition_form(sign: int, result: str) -> Form:
    """The form, for int8, of a + sign * b. result: what the docs call it."""
    return Form(
        rounding=f"double, thrice: both inputs, then the {result}",
        rules=(*BINARY_RULES, SCALE_RULE),
        reference=partial(reference, sign=sign),
        numba=partial(numba, sign=sign),
        kernels=partial(kernels, sign=sign),
        in_place=in_place,
    )
