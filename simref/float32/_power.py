"""x**y as 2**(y log2(x)); the logarithm and the product are integers, for they need more digits than float32 has."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._elementwise import Float32, bits_of, leading_zeros, select, to_float, to_int64
from ._exponential import expm1_near_0, scaled
from .constants import LN2_Q27, LOG2_POLYNOMIAL_Q36, SQRT_HALF_BITS

_ONE, _NAN = np.float32(1), np.float32(np.nan)
_SMALLEST_NORMAL, _SUBNORMAL_SCALE = np.float32(2.0**-126), np.float32(2.0**23)
_ONE_BITS, _INFINITY_BITS = 0x3F800000, 0x7F800000
_MAGNITUDE, _SIGNIFICAND, _LEADING_ONE = 0x7FFF_FFFF, 0x7F_FFFF, 0x80_0000
_Q30 = np.float32(2.0**-30)
# More than any exponent of a float32, in units of 2**-36.
_HUGE_Q36 = 200 << 36


def power(x: Float32, y: Float32, fused: bool) -> Float32:
    """Return x**y, at most 1.06 ulp off in millions of pairs; NaN where x < 0 and y is no integer.

    As in C, x**0 and 1**y are 1 even for NaN.
    """
    x_bits, y_bits = to_int64(bits_of(x)), to_int64(bits_of(y))
    a, b = x_bits & _MAGNITUDE, y_bits & _MAGNITUDE
    exponent = _exponent(x, b)
    exponent = select((a == 0) | (a == _INFINITY_BITS) | (b == _INFINITY_BITS), _HUGE_Q36, exponent)
    exponent = select((a == _ONE_BITS) | (b == 0), 0, exponent)
    exponent = select((a < _ONE_BITS) == (y_bits < 0), exponent, -exponent)
    n = (exponent + (1 << 35)) >> 36
    r = to_float(((exponent - (n << 36)) * LN2_Q27) >> 33) * _Q30
    z = scaled(_ONE + expm1_near_0(r, fused), n)
    fractional, odd = _kind(b)
    z = select((x_bits < 0) & odd, -z, z)
    undefined = (x_bits < 0) & (a != 0) & (a != _INFINITY_BITS) & fractional
    z = select(undefined | (a > _INFINITY_BITS) | (b > _INFINITY_BITS), _NAN, z)
    return select((b == 0) | (x_bits == _ONE_BITS), _ONE, z)


def _exponent(x: Float32, y_bits: Any) -> Any:
    """|y log2|x|| in units of 2**-36, at most _HUGE_Q36, for |x| != 1 and finite numbers; anything for others."""
    digits, place = _log2(x)
    zeros = leading_zeros(digits)
    # 39 digits by 24 digits; the product is at least 2**61.
    product = ((digits << (zeros - 1)) >> 24) * ((y_bits & _SIGNIFICAND) | _LEADING_ONE)
    shift = place + zeros + 89 - (y_bits >> 23)
    within = product >> select(shift < 17, 17, select(shift > 63, 63, shift))
    return select((shift < 17) | (within > _HUGE_Q36), _HUGE_Q36, within)


def _log2(x: Float32) -> tuple[Any, Any]:
    """|log2|x|| in units of 2**-place, and place: 60 where x is near 1, so that no digit is lost, else 52."""
    a = abs(x)
    subnormal = a < _SMALLEST_NORMAL
    bits = to_int64(bits_of(select(subnormal, a * _SUBNORMAL_SCALE, a)))
    e = (bits - SQRT_HALF_BITS) >> 23
    mantissa = bits - (e << 23)
    # |x| = 2**e (1 + f), f in units of 2**-24.
    f = (((mantissa & _SIGNIFICAND) | _LEADING_ONE) << ((mantissa >> 23) - 126)) - (1 << 24)
    quotient = LOG2_POLYNOMIAL_Q36[0] + 0 * f
    for coefficient in LOG2_POLYNOMIAL_Q36[1:]:
        quotient = ((quotient * f) >> 24) + coefficient
    e = e - select(subnormal, 23, 0)
    log2 = select(e == 0, f * quotient, ((f * quotient) >> 8) + (e << 52))
    return select(log2 == 0, 1 << 52, abs(log2)), select(e == 0, 60, 52)


def _kind(bits: Any) -> tuple[Any, Any]:
    """Whether a float32 of these bits without the sign, not 0, is no integer, and whether it is an odd one."""
    significand = (bits & _SIGNIFICAND) | _LEADING_ONE
    digits_behind = 150 - (bits >> 23)
    place = select(digits_behind < 0, 0, select(digits_behind > 24, 24, digits_behind))
    fraction = significand & ((1 << place) - 1)
    return fraction != 0, (fraction == 0) & (digits_behind >= 0) & (((significand >> place) & 1) == 1)
