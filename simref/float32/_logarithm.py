"""log and log1p: x = 2**e m, sqrt(1/2) <= m < sqrt(2)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._elementwise import Float32, bits_of, float_of, select, to_float
from ._sum import multiply_add, polynomial
from .constants import LN2_HIGH, LN2_LOW, LOG_POLYNOMIAL, SQRT_HALF_BITS

_ZERO, _ONE, _HALF = np.float32(0), np.float32(1), np.float32(0.5)
_INFINITY, _NAN = np.float32(np.inf), np.float32(np.nan)
_SMALLEST_NORMAL, _SUBNORMAL_SCALE = np.float32(2.0**-126), np.float32(2.0**23)


def log(x: Float32, fused: bool) -> Float32:
    """Return the natural logarithm of x, at most 0.86 ulp off: -inf for 0, NaN below."""
    subnormal = x < _SMALLEST_NORMAL
    scaled = select(subnormal, x * _SUBNORMAL_SCALE, x)
    return _at_the_ends(x, _log(scaled, select(subnormal, -23, 0), _ZERO, fused))


def log1p(x: Float32, fused: bool) -> Float32:
    """Return the natural logarithm of 1 + x, at most 0.89 ulp off, near 0 too: -inf for -1, NaN below."""
    u = _ONE + x
    # 1 + x = u + rest exactly.
    rest = (_ONE - (u - (u - _ONE))) + (x - (u - _ONE))
    y = _at_the_ends(u, _log(u, 0, rest / u, fused))
    return select(x == 0, x, y)


def _log(x: Float32, exponent: Any, addend: Any, fused: bool) -> Float32:
    """ln(x * 2**exponent) + addend for a normal x and a tiny addend."""
    e = (bits_of(x) - SQRT_HALF_BITS) >> 23
    f = float_of(bits_of(x) - (e << 23)) - _ONE
    n = to_float(e + exponent)
    square = f * f
    low = multiply_add(n, LN2_LOW, addend, fused)
    low = multiply_add(square * f, polynomial(f, LOG_POLYNOMIAL, fused), low, fused)
    low = multiply_add(square, -_HALF, low, fused)
    return multiply_add(n, LN2_HIGH, f + low, fused)


def _at_the_ends(x: Float32, y: Float32) -> Float32:
    """y, but what the logarithm is where x is no positive number."""
    y = select(x < _INFINITY, y, x)
    return select(x < 0, _NAN, select(x == 0, -_INFINITY, y))
