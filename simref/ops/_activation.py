"""Fused activations: the clamp that ends a layer."""

from __future__ import annotations

import math
from enum import Enum

import numpy as np

from simref.errors import UnsupportedError
from simref.graph import Layer, Tensor


class Activation(Enum):
    """A clamp fused into the layer before it; the value is the range of reals it keeps."""

    NONE = (-math.inf, math.inf)
    RELU = (0.0, math.inf)
    RELU6 = (0.0, 6.0)
    RELU_N1_TO_1 = (-1.0, 1.0)
    RELU_0_TO_1 = (0.0, 1.0)


_TFLITE_CODES = {0: Activation.NONE, 1: Activation.RELU, 2: Activation.RELU_N1_TO_1, 3: Activation.RELU6}


def activation_from_tflite(code: int) -> Activation:
    """Read TFLite's ActivationFunctionType; raise UnsupportedError for the ones its own int8 kernels refuse."""
    if code not in _TFLITE_CODES:
        raise UnsupportedError(f"fused activation code is {code}, must be NONE, RELU, RELU_N1_TO_1 or RELU6")
    return _TFLITE_CODES[code]


def activation_range(activation: Activation, output: Tensor) -> tuple[int, int]:
    """Return the (smallest, largest) quantized output value.

    Equals TFLite `CalculateActivationRangeQuantized`: zero_point + round(real / scale), rounded half away from zero
    in float32, inside the dtype's range.
    """
    info = np.iinfo(output.dtype)
    low, high = activation.value

    def quantize(real: float) -> int:
        ratio = float(np.float32(real) / np.float32(output.scale))
        return output.zero_point + int(math.copysign(math.floor(abs(ratio) + 0.5), ratio))

    return (
        info.min if math.isinf(low) else max(info.min, quantize(low)),
        info.max if math.isinf(high) else min(info.max, quantize(high)),
    )


def activation_macc(layer: Layer) -> int:
    """What a fused activation costs: 1 per element of float32; quantized kernels clamp anyway."""
    fused = layer.output.dtype == np.float32 and layer.attributes.activation is not Activation.NONE
    return layer.output.elements if fused else 0
