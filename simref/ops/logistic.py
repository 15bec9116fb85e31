"""y = 1 / (1 + exp(-x))."""

from __future__ import annotations

import dataclasses

import numpy as np

from simref import float32
from simref.fixedpoint import Int64
from simref.graph import Layer, Quantization
from simref.ops._lookup import lookup_form
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._rules import Custom
from simref.ops._sigmoidal import Float32, tabulated, ten_per_element
from simref.ops._unary import summed, unary_form

OUTPUT_SCALE = 1 / 256


def sigmoid(x: Float32) -> Float32:
    """In float32 but for exp, which is the correctly rounded one."""
    with np.errstate(over="ignore"):
        exponential = np.exp(-x.astype(np.float64)).astype(np.float32)
    return np.float32(1) / (np.float32(1) + exponential)


def function(layer: Layer, x: Int64) -> Float32:
    """Equals TFLite's int8 LOGISTIC."""
    return tabulated(sigmoid, layer, x)


def _scale_violation(layer: Layer) -> str | None:
    scale = layer.output.scale
    return None if scale == OUTPUT_SCALE else f"output scale is {scale:g}, must be 1/256"


def _break_scale(layer: Layer) -> Layer:
    quantization = Quantization(np.array([OUTPUT_SCALE * 2], np.float32), np.zeros(1, np.int64))
    return layer.replace(outputs=(dataclasses.replace(layer.output, quantization=quantization),))


OP = Op(
    name="LOGISTIC",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(),
    macc=ten_per_element,
    forms=(
        lookup_form(
            function,
            "once, half away from zero, in float32",
            Custom("output scale is 1/256", _scale_violation, _break_scale),
        ),
        unary_form("logistic_array", summed(float32.sigmoid)),
    ),
)
