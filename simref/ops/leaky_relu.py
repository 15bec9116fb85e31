"""y = x where x >= 0, else alpha * x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.fixedpoint import Int64, multiply_by_quantized_multiplier, quantize_multiplier
from simref.graph import Array, Layer
from simref.ops._elementwise import elements
from simref.ops._lookup import lookup_form
from simref.ops._numbers import finite
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._unary import attribute_params, coefficient, unary_form


@dataclass(frozen=True)
class Attributes:
    """alpha: the slope below zero, a float32; it may be negative or above 1."""

    alpha: float


def attributes(options: Any, layer: Layer) -> Attributes:
    """Read the options table; without one alpha is the format's default, 0."""
    return Attributes(0.0 if options is None else float(options.Alpha()))


def function(layer: Layer, x: Int64) -> Int64:
    """Equals TFLite QuantizeLeakyRelu: one multiplier on each side of zero, computed in float32.

    A negative slope is applied as its magnitude and a change of sign, which moves ties.
    """
    ratio = np.float32(layer.input(0).scale) / np.float32(layer.output.scale)
    slope = np.float32(layer.input(0).scale) * np.float32(layer.attributes.alpha) / np.float32(layer.output.scale)
    x = x - layer.input(0).zero_point
    above = multiply_by_quantized_multiplier(x, *quantize_multiplier(float(ratio)))
    below = multiply_by_quantized_multiplier(x, *quantize_multiplier(abs(float(slope))))
    return np.where(x >= 0, above, -below if slope < 0 else below) + layer.output.zero_point


def leaky_relu(layer: Layer, x: Array) -> Array:
    """One product, rounded."""
    return np.where(x < 0, coefficient(layer, "alpha") * x, x)


OP = Op(
    name="LEAKY_RELU",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="LeakyReluOptions", attributes=attributes),
    macc=elements,
    forms=(
        lookup_form(function, "double"),
        unary_form("leaky_relu_array", leaky_relu, params=attribute_params("alpha"), rules=(finite("alpha"),)),
    ),
)
