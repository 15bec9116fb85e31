"""y = scale * (x - zero_point), as float32."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from simref.graph import Array, Layer, Quantization
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, Value, equation_of, never_in_place
from simref.ops._rules import Custom, InputDtype, Operands, OutputDtype, OutputShape, same_shape
from simref.ops._unary import two_per_element

_KERNELS = {
    "int8": "dequantize_s8_f32",
    "uint8": "dequantize_u8_f32",
    "int16": "dequantize_s16_f32",
    "int32": "dequantize_s32_f32",
}


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Equals TFLite's Dequantize: its product in double is exact, so there is one rounding, to float32.

    TFLite has none of int32: there the difference, modulo 2**32, is rounded to float32, then the product.
    """
    x = layer.input(0)
    if x.dtype == np.int32:
        with np.errstate(over="ignore"):
            return (np.float32(x.scale) * (inputs[0] - np.int32(x.zero_point)).astype(np.float32),)
    return ((x.scale * (inputs[0].astype(np.float64) - x.zero_point)).astype(np.float32),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call of dequantize_s8_f32, _u8_f32, _s16_f32 or _s32_f32: of int8 to int16 the difference is exact, too."""
    x = layer.input(0)
    params: dict[str, Value] = {"count": x.elements, "zero_point": x.zero_point, "scale": x.scale}
    return (KernelCall(kernel=_KERNELS[x.dtype.name], params=params, operands=(0,)),)


def _input_violation(layer: Layer) -> str | None:
    x = layer.input(0)
    if x.quantization is None:
        return f'tensor "{x.name}" has no scale, must be quantized per tensor'
    if x.per_channel:
        return f'tensor "{x.name}" is quantized per channel, must be per tensor'
    return None


def _break_input(layer: Layer) -> Layer:
    return layer.replace(inputs=(dataclasses.replace(layer.input(0), quantization=None),))


def _zero_point_violation(layer: Layer) -> str | None:
    x = layer.input(0)
    if x.dtype != np.int16 or x.zero_point == 0:
        return None
    return f"zero point is {x.zero_point}, must be 0 with int16"


def _break_zero_point(layer: Layer) -> Layer:
    quantization = Quantization(np.ones(1, np.float32), np.ones(1, np.int64))
    broken = dataclasses.replace(layer.input(0), dtype=np.dtype(np.int16), quantization=quantization)
    return layer.replace(inputs=(broken,))


OP = Op(
    name="DEQUANTIZE",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="DequantizeOptions"),
    macc=two_per_element,
    forms=(
        Form(
            rounding="once, to nearest even, to float32; int32 before the product, too",
            rules=(
                Operands(1),
                InputDtype("input", 0, tuple(_KERNELS)),
                OutputDtype(("float32",)),
                Custom("input is quantized per tensor", _input_violation, _break_input),
                Custom("zero point is 0 with int16", _zero_point_violation, _break_zero_point),
                OutputShape(same_shape),
            ),
            reference=reference,
            numba=None,
            kernels=kernels,
            in_place=never_in_place,
        ),
    ),
)
