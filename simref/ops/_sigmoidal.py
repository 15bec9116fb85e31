"""LOGISTIC and TANH: functions of a real number, tabulated as TFLite tabulates them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simref.fixedpoint import Int64
from simref.graph import Layer

Float32 = NDArray[np.float32]


def tabulated(real_function: Callable[[Float32], Float32], layer: Layer, x: Int64) -> Float32:
    """Equals TFLite `LUTPopulate`, in float32: multiply by the inverse output scale, round half away from zero.

    real_function: float32 to float32. TFLite takes exp and tanh from the C library of its host; here they are the
    correctly rounded ones, which can differ only where a result lies within an ulp of a tie.
    """
    one = np.float32(1)
    scale, inverse_scale = np.float32(layer.input(0).scale), one / np.float32(layer.output.scale)
    scaled = real_function(scale * (x - layer.input(0).zero_point).astype(np.float32)) * inverse_scale
    # In double, because adding one half in float32 rounds 0.5 - 2**-25 up to 1.
    rounded = np.copysign(np.floor(np.abs(scaled, dtype=np.float64) + 0.5), scaled).astype(np.float32)
    return np.asarray(rounded + np.float32(layer.output.zero_point), np.float32)


def ten_per_element(layer: Layer) -> int:
    """Ten multiply-accumulates per element."""
    return 10 * layer.output.elements
