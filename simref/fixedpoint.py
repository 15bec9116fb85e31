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


def saturate(x: Int64, dtype: Any) -> NDArray[Any]:
    """Clip to the range of an integer dtype and convert."""
    info = np.iinfo(dtype)
    return np.clip(x, info.min, info.max).astype(dtype)


def _saturating_left_shift(x: Int64, exponent: int) -> Int64:
    """x * 2**exponent inside int32: gemmlowp `SaturatingRoundingMultiplyByPOT` of a positive exponent."""
    shifted: Int64 = np.clip(x << exponent, INT32_MIN, INT32_MAX)
    return shifted


# exp(-2**e) as Q0.31 for e = -2 to 4: what each set bit of a difference, from a quarter up, multiplies by.
_EXP_OF_BITS = {-2: 1672461947, -1: 1302514674, 0: 790015084, 1: 290630308, 2: 39332535, 3: 720401, 4: 242}
_EXP_OF_MINUS_ONE_EIGHTH = 1895147668
_ONE_THIRD = 715827883


def exp_on_negative_values(a: ArrayLike, integer_bits: int) -> Int64:
    """exp of a <= 0 with `integer_bits` (at most 5) before the point and 31 in all; the result is Q0.31.

    Equals gemmlowp `exp_on_negative_values`: a polynomial on [-1/4, 0), times a constant per bit above.
    """
    a = np.asarray(a, np.int64)
    fraction_bits = 31 - integer_bits
    quarter = np.int64(1) << (fraction_bits - 2)
    in_quarter = (a & (quarter - 1)) - quarter
    result = _exp_between_minus_quarter_and_zero(_saturating_left_shift(in_quarter, integer_bits))
    remainder = in_quarter - a
    for exponent, factor in _EXP_OF_BITS.items():
        if exponent < integer_bits:
            is_set = remainder & (np.int64(1) << (fraction_bits + exponent))
            result = np.where(is_set, saturating_rounding_doubling_high_mul(result, factor), result)
    return np.where(a == 0, np.int64(INT32_MAX), result)


def _exp_between_minus_quarter_and_zero(a: Int64) -> Int64:
    """exp of a Q0.31 in [-1/4, 0): the Taylor polynomial of degree 4 around -1/8."""
    mul = saturating_rounding_doubling_high_mul
    x = a + (1 << 28)
    x2 = mul(x, x)
    x3, x4 = mul(x2, x), mul(x2, x2)
    third = mul(rounding_divide_by_pot(x4, 2) + x3, _ONE_THIRD)
    return _EXP_OF_MINUS_ONE_EIGHTH + mul(_EXP_OF_MINUS_ONE_EIGHTH, x + rounding_divide_by_pot(third + x2, 1))


FORTY_EIGHT_OVER_17 = 1515870810  # Q2.29
MINUS_32_OVER_17 = -1010580540


def reciprocal(x: ArrayLike, integer_bits: int) -> tuple[Int64, Int64]:
    """(r, n) with 1 / x ~ r * 2**-n, r as Q0.31, for x > 0 with `integer_bits` before the point and 31 in all.

    Equals TFLite `GetReciprocal`: x is normalized to 1 + f, and gemmlowp `one_over_one_plus_x_for_x_in_0_1`
    inverts that by three steps of Newton and Raphson.
    """
    x = np.asarray(x, np.int64)
    mul = saturating_rounding_doubling_high_mul
    leading_zeros = 32 - np.frexp(x.astype(np.float64))[1].astype(np.int64)
    fraction = (x << leading_zeros) - (np.int64(1) << 31)
    half_denominator = (fraction + INT32_MAX + 1) >> 1  # gemmlowp RoundingHalfSum of non-negative values
    r = FORTY_EIGHT_OVER_17 + mul(half_denominator, MINUS_32_OVER_17)
    for _ in range(3):
        error = (1 << 29) - mul(half_denominator, r)
        r = r + _saturating_left_shift(mul(r, error), 2)
    return _saturating_left_shift(r, 1), integer_bits - leading_zeros
