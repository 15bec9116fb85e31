"""y = round(x / scale) + zero_point, from float32; from an integer type, the same real number on another scale."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from simref.fixedpoint import Int64, multiply_by_quantized_multiplier, quantize_multiplier, saturate
from simref.graph import Array, Layer, Quantization
from simref.ops import _lookup
from simref.ops._numbers import TYPE_NAMES
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, Value, equation_of
from simref.ops._rules import Custom, InputDtype, Operands, OutputDtype, OutputShape, PerTensor, same_shape
from simref.ops._unary import two_per_element

_PAIRS = frozenset(
    (source, target)
    for source in ("float32", "int8", "uint8", "int16")
    for target in ("int8", "uint8", "int16")
    if (source, target) != ("int16", "uint8")
)


@dataclasses.dataclass(frozen=True)
class Attributes:
    """ties_to_even: from float32, halves are rounded to the even integer, as ONNX does; else away from zero."""

    ties_to_even: bool = False


def ties_to_even(layer: Layer) -> bool:
    """How halves are rounded: without attributes as TFLite does."""
    return layer.attributes is not None and bool(layer.attributes.ties_to_even)


def requantize(layer: Layer, x: Int64) -> Int64:
    """Equals TFLite reference_ops::Requantize, before its clamp."""
    shifted = x - layer.input(0).zero_point
    return multiply_by_quantized_multiplier(shifted, *_ratio(layer)) + layer.output.zero_point


def _ratio(layer: Layer) -> tuple[int, int]:
    return quantize_multiplier(layer.input(0).scale / layer.output.scale)


def quantize(layer: Layer, x: Array) -> Array:
    """Equals TFLite reference_ops::AffineQuantize: a float32 division, rounded half away from zero, or to even.

    Where its cast to int32 is undefined the result saturates, and a NaN becomes the zero point.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        quotient = (x / np.float32(layer.output.scale)).astype(np.float64)
        away = np.copysign(np.floor(np.abs(quotient) + 0.5), quotient)
    rounded = np.rint(quotient) if ties_to_even(layer) else away
    info = np.iinfo(layer.output.dtype)
    y = np.nan_to_num(rounded, nan=0.0, posinf=np.inf, neginf=-np.inf) + layer.output.zero_point
    return np.asarray(np.clip(y, info.min, info.max), layer.output.dtype)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """See `quantize` and `requantize`."""
    if inputs[0].dtype == np.float32:
        return (quantize(layer, inputs[0]),)
    if inputs[0].dtype == np.int16:
        return (saturate(requantize(layer, inputs[0].astype(np.int64)), layer.output.dtype),)
    return _lookup.lookup_reference(requantize)(layer, inputs)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """A table for 8-bit inputs, else a call of quantize_f32_s8/_s16, quantize_even_f32_… or requantize_s16_s8/_s16."""
    source, target = layer.input(0).dtype, layer.output.dtype
    if source.itemsize == 1:
        return _lookup.lookup_kernels(requantize)(layer)
    if source == np.float32 and ties_to_even(layer):
        even: dict[str, Value] = {"count": layer.output.elements, "zero_point": layer.output.zero_point}
        even["scale"] = layer.output.scale
        return (KernelCall(kernel=f"quantize_even_f32_{TYPE_NAMES[target.name]}", params=even, operands=(0,)),)
    info = np.iinfo(target)
    params: dict[str, Value] = {"count": layer.output.elements}
    if source == np.float32:
        params |= {"zero_point": layer.output.zero_point, "low": info.min, "high": info.max}
        params |= _divisor(layer.output.scale)
        kernel = f"quantize_f32_s{8 * target.itemsize}"
    else:
        multiplier, shift = _ratio(layer)
        params |= {"input_zero_point": layer.input(0).zero_point, "output_zero_point": layer.output.zero_point}
        params |= {"multiplier": multiplier, "shift": shift}
        kernel = f"requantize_s16_s{8 * target.itemsize}"
    return (KernelCall(kernel=kernel, params=params, operands=(0,)),)


def _divisor(scale: float) -> dict[str, Value]:
    """A scale as simref_round_quotient_f32 takes it: scale = significand * 2**(exponent - 150)."""
    fraction, exponent = math.frexp(scale)
    return {"exponent": exponent + 126, "reciprocal": (1 << 54) // int(fraction * 2**24), "scale": scale}


def in_place(layer: Layer) -> tuple[int, ...]:
    """Results no wider than their inputs. C forbids to see one memory as float and as int16, but bytes see any."""
    source, target = layer.input(0).dtype, layer.output.dtype
    fits = source == target or target.itemsize == 1
    return (0,) if fits and not layer.input(0).is_constant else ()


def _pair_violation(layer: Layer) -> str | None:
    pair = (layer.input(0).dtype.name, layer.output.dtype.name)
    return None if pair in _PAIRS else f"input is {pair[0]} and output {pair[1]}, which TFLite does not convert"


def _break_pair(layer: Layer) -> Layer:
    source = dataclasses.replace(layer.input(0), dtype=np.dtype(np.int16))
    target = dataclasses.replace(layer.output, dtype=np.dtype(np.uint8))
    return layer.replace(inputs=(source,), outputs=(target,))


def _scale_violation(layer: Layer) -> str | None:
    quantized = () if layer.input(0).dtype == np.float32 else (0,)
    return PerTensor(quantized).violation(layer)


def _break_scale(layer: Layer) -> Layer:
    return layer.replace(outputs=(dataclasses.replace(layer.output, quantization=None),))


def _zero_point_violation(layer: Layer) -> str | None:
    pair = (layer.input(0), layer.output)
    if any(t.dtype != np.int16 for t in pair) or not any(t.zero_point for t in pair):
        return None
    return f"zero points are {pair[0].zero_point} and {pair[1].zero_point}, must be 0 from int16 to int16"


def _break_zero_point(layer: Layer) -> Layer:
    quantization = Quantization(np.ones(1, np.float32), np.ones(1, np.int64))
    broken = dataclasses.replace(layer.output, dtype=np.dtype(np.int16), quantization=quantization)
    return layer.replace(inputs=(dataclasses.replace(broken, shape=layer.input(0).shape),), outputs=(broken,))


OP = Op(
    name="QUANTIZE",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="QuantizeOptions"),
    macc=two_per_element,
    forms=(
        Form(
            rounding="once, half away from zero or to even, from float32; double, from integers",
            rules=(
                Operands(1),
                InputDtype("input", 0, ("float32", "int8", "uint8", "int16")),
                OutputDtype(("int8", "uint8", "int16")),
                Custom("int16 is not converted to uint8", _pair_violation, _break_pair),
                Custom("output is quantized per tensor, and so is an integer input", _scale_violation, _break_scale),
                Custom("zero points are 0 from int16 to int16", _zero_point_violation, _break_zero_point),
                OutputShape(same_shape),
            ),
            reference=reference,
            numba=None,
            kernels=kernels,
            in_place=in_place,
        ),
    ),
)
