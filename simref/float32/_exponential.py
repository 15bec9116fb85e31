"""exp and expm1: x = n ln 2 + r, |r| <= ln(2) / 2."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._elementwise import Float32, bits_of, float_of, select
from ._sum import multiply_add, polynomial
from .constants import (
    EXP_HIGHEST,
    EXP_LOWEST,
    EXP_POLYNOMIAL,
    EXPM1_LOWEST,
    LN2_HIGH,
    LN2_LOW,
    LOG2_E,
    ROUND,
)

_ROUND_BITS = int(ROUND.view(np.int32))
_ONE = np.float32(1)


def exp(x: Float32, fused: bool) -> Float32:
    """Return e**x, at most 1.04 ulp off."""
    return exp_and_rest(x, fused)[0]


def exp_and_rest(x: Float32, fused: bool) -> tuple[Float32, Float32]:
    """e**x rounded, and what the rounding left."""
    x = select(x < EXP_LOWEST, EXP_LOWEST, select(x > EXP_HIGHEST, EXP_HIGHEST, x))
    n, p = _parts(x, fused)
    y = _ONE + p
    return scaled(y, n), scaled(p - (y - _ONE), n)


def expm1(x: Float32, fused: bool) -> Float32:
    """Return e**x - 1, at most 1.66 ulp off, near 0 too."""
    within = select(x < EXPM1_LOWEST, EXPM1_LOWEST, select(x > EXP_HIGHEST, EXP_HIGHEST, x))
    n, p = _parts(within, fused)
    # 1 - 2**-n is exact, or so near to 1 or so large that p matters no more.
    y = p + (_ONE - power_of_two(select(n < 26, -n, -26)))
    return select(x == 0, x, scaled(y, n))


def scaled(x: Float32, n: Any) -> Float32:
    """x * 2**n in two steps, because 2**128 and 2**-150 are no float32."""
    return x * power_of_two(n >> 1) * power_of_two(n - (n >> 1))


def power_of_two(n: Any) -> Float32:
    """2**n for an integer, -127 < n < 128."""
    return float_of((n + 127) << 23)


def _parts(x: Float32, fused: bool) -> tuple[Any, Float32]:
    """n and e**r - 1."""
    shifted = multiply_add(x, LOG2_E, ROUND, fused)
    whole = shifted - ROUND
    r = multiply_add(whole, -LN2_LOW, multiply_add(whole, -LN2_HIGH, x, fused), fused)
    return bits_of(shifted) - _ROUND_BITS, expm1_near_0(r, fused)


def expm1_near_0(r: Float32, fused: bool) -> Float32:
    """e**r - 1 for |r| <= ln(2) / 2."""
    return multiply_add(r * r, polynomial(r, EXP_POLYNOMIAL, fused), r, fused)
