"""Rounding multiplies and shifts in int32, each equal in every bit to the TFLite or gemmlowp function it names.

All functions are elementwise over NumPy arrays and work in int64 inside, so that no intermediate overflows
unless the original overflows too. Inputs and outputs hold values of int32.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

INT32_MAX = 2**31 - 1
INT32_MIN = -(2**31)
Int64 = NDArray[np.int64]


def quantize_multiplier(real: float) -> tuple[int, int]:
    """Return (multiplier, shift) with real ~ multiplier * 2**(shift - 31) and 2**30 <= multiplier < 2**31.

    Equals TFLite `QuantizeMultiplier` (kernels/internal/quantization_util.cc): rounds half away from zero, gives
    (0, 0) for zero and for reals too small to matter (shift below -31).
    """
    if real == 0.0:
        return 0, 0
    fraction, shift = math.frexp(real)
    multiplier = math.floor(fraction * 2**31 + 0.5) if fraction > 0 else -math.floor(-fraction * 2**31 + 0.5)
    if multiplier == 2**31:
        multiplier //= 2
        shift += 1
    if shift < -31:
        return 0, 0
    return multiplier, shift


def quantize_multipliers(reals: ArrayLike) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the int32 arrays (multipliers, shifts) of `quantize_multiplier` over a one-dimensional array."""
    pairs = [quantize_multiplier(float(real)) for real in np.atleast_1d(np.asarray(reals, np.float64))]
    return np.array([m for m, _ in pairs], np.int32), np.array([s for _, s in pairs], np.int32)


def wrap_int32(x: Int64) -> Int64:
    """Keep the low 32 bits as a signed value: what an overflowing int32 holds on the hosts TFLite runs on."""
    return np.asarray(x, np.int64).astype(np.int32).astype(np.int64)


def saturating_rounding_doubling_high_mul(a: ArrayLike, b: ArrayLike) -> Int64:
    """Return round(a * b / 2**31), ties towards plus infinity, saturated.

    Equals gemmlowp `SaturatingRoundingDoublingHighMul`: its nudge of 2**30 or 1 - 2**30 and truncating division give
    floor((a * b + 2**30) / 2**31) for either sign; only INT32_MIN * INT32_MIN saturates.
    """
    product = np.asarray(a, np.int64) * np.asarray(b, np.int64)
    high: Int64 = np.minimum((product + (1 << 30)) >> 31, INT32_MAX)
    return high


def rounding_divide_by_pot(x: ArrayLike, exponent: ArrayLike) -> Int64:
    """Return x / 2**exponent rounded to nearest, ties away from zero; 0 <= exponent <= 31.

    Equals gemmlowp `RoundingDivideByPOT`.
    """
    x = np.asarray(x, np.int64)
    exponent = np.asarray(exponent, np.int64)
    mask = (np.int64(1) << exponent) - 1
    threshold = (mask >> 1) + (x < 0)
    rounded: Int64 = (x >> exponent) + ((x & mask) > threshold)
    return rounded


def multiply_by_quantized_multiplier(x: ArrayLike, multiplier: ArrayLike, shift: ArrayLike) -> Int64:
    """Return x * multiplier * 2**(shift - 31) rounded twice, as most of TFLite's reference kernels do.

    Equals TFLite `MultiplyByQuantizedMultiplier` without TFLITE_SINGLE_ROUNDING: a left shift (which wraps at 32
    bits), the doubling high multiply with its rounding, then the rounding right shift.
    """
    shift = np.asarray(shift, np.int64)
    left, right = np.maximum(shift, 0), np.maximum(-shift, 0)
    shifted = wrap_int32(np.asarray(x, np.int64) << left)
    return rounding_divide_by_pot(saturating_rounding_doubling_high_mul(shifted, multiplier), right)


def multiply_by_quantized_multiplier_single_rounding(x: ArrayLike, multiplier: ArrayLike, shift: ArrayLike) -> Int64:
    """Return x * multiplier * 2**(shift - 31) rounded once, ties towards plus infinity.

    Equals TFLite `MultiplyByQuantizedMultiplier` under TFLITE_SINGLE_ROUNDING, saturated to int32.
    """
    total = 31 - np.asarray(shift, np.int64)
    product = np.asarray(x, np.int64) * np.asarray(multiplier, np.int64)
    rounded: Int64 = np.clip((product + (np.int64(1) << (total - 1))) >> total, INT32_MIN, INT32_MAX)
    return rounded


def saturate(x: Int64, dtype: Any) -> NDArray[Any]:
    """Clip to the range of an integer dtype and convert."""
    info = np.iinfo(dtype)
    return np.clip(x, info.min, info.max).astype(dtype)
