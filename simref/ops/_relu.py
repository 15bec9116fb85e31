"""RELU and its kind: a clamp, and in int8 a rescale before it."""

from __future__ import annotations

import numpy as np

from simref.fixedpoint import Int64, multiply_by_quantized_multiplier, quantize_multiplier
from simref.graph import Layer
from simref.ops._activation import Activation, activation_range
from simref.ops._elementwise import elements
from simref.ops._lookup import lookup_form
from simref.ops._numbers import clamp, clamp_params
from simref.ops._op import Form, Op, TFLiteBinding
from simref.ops._unary import plain, unary_form


def _float_form(activation: Activation) -> Form:
    low, high = activation.value
    bounds = None if activation is Activation.RELU else lambda layer: clamp_params(activation)
    kernel = "relu_array" if activation is Activation.RELU else "clip_array"
    return unary_form(kernel, plain(lambda x: clamp(x, low, high)), rounding="none: clamp", params=bounds)


def relu_op(name: str, equation: str, activation: Activation) -> Op:
    """The operator of that activation."""

    def function(layer: Layer, x: Int64) -> Int64:
        """Equals TFLite's ReluX of quantized values; the ratio of the scales is a float32."""
        ratio = np.float32(layer.input(0).scale) / np.float32(layer.output.scale)
        scaled = multiply_by_quantized_multiplier(x - layer.input(0).zero_point, *quantize_multiplier(float(ratio)))
        return np.clip(scaled + layer.output.zero_point, *activation_range(activation, layer.output))

    return Op(
        name=name,
        equation=equation,
        tflite=TFLiteBinding(),
        macc=elements,
        forms=(lookup_form(function, "double"), _float_form(activation)),
    )
