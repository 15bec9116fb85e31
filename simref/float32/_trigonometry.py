"""sin and cos: x = (q + r) pi / 2 with an integer q, |r| <= 1/2, from as many digits of 2 / pi as x needs."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._elementwise import Float32, bits_of, float_of, leading_zeros, select, to_float, to_int64
from ._exponential import power_of_two
from ._sum import multiply_add, polynomial
from .constants import COS_POLYNOMIAL, PI_OVER_4, PI_OVER_4_BITS, SIN_POLYNOMIAL, TWO_OVER_PI_WORDS

_ONE, _HALF = np.float32(1), np.float32(0.5)
_WORD = 0xFFFF_FFFF


def sin(x: Float32, fused: bool) -> Float32:
    """Return the sine of x in radians, at most 1.6 ulp off; NaN for infinities."""
    quadrant, r = _reduced(x)
    y = _of_quadrant(quadrant, r, fused)
    return float_of(bits_of(y) ^ (bits_of(x) & -0x8000_0000))


def cos(x: Float32, fused: bool) -> Float32:
    """Return the cosine of x in radians, at most 1.6 ulp off; NaN for infinities."""
    quadrant, r = _reduced(x)
    return _of_quadrant(quadrant + 1, r, fused)


def _of_quadrant(quadrant: Any, r: Float32, fused: bool) -> Float32:
    """sin(quadrant * pi / 2 + r)."""
    square = r * r
    sine = multiply_add(r * square, polynomial(square, SIN_POLYNOMIAL, fused), r, fused)
    cosine = multiply_add(square, polynomial(square, COS_POLYNOMIAL, fused), -_HALF, fused)
    cosine = multiply_add(square, cosine, _ONE, fused)
    y = select((quadrant & 1) == 0, sine, cosine)
    return select((quadrant & 2) == 0, y, -y)


def _reduced(x: Float32) -> tuple[Any, Float32]:
    """q modulo 4 and r pi / 2 of |x|."""
    a = abs(x)
    near = a < PI_OVER_4
    quarter, distance = _quarters(to_int64(bits_of(select(near, PI_OVER_4, a))))
    r = select(near, a, distance)
    return select(near, 0, quarter), r + (x - x)


def _quarters(bits: Any) -> tuple[Any, Float32]:
    """q modulo 4 and r pi / 2 of a float32 of at least pi / 4, from its bits; anything for infinities."""
    significand = (bits & 0x7F_FFFF) | 0x80_0000
    # turns = 2**61 x 2 / pi modulo 2**63: digits of 2 / pi before these 96 give multiples of 4, digits behind nothing.
    # No sum may leave int64: compiled code takes for granted that none does.
    start = (bits >> 23) - 121
    word, shift = start >> 5, start & 31
    low = significand * _digits(word + 1, shift) + ((significand * _digits(word + 2, shift)) >> 32)
    high = (significand * _digits(word, shift) + (low >> 32)) & 0x7FFF_FFFF
    turns = (high << 32) | (low & _WORD)
    quarter = ((turns >> 60) + 1) >> 1
    rest = (turns & ((1 << 61) - 1)) - (((turns >> 60) & 1) << 61)
    distance = abs(rest)
    zeros = leading_zeros(distance)
    # The product is at least 2**29 and is rounded to float32 only once.
    product = (((distance << (zeros - 1)) >> 32) * PI_OVER_4_BITS) >> 31
    r = to_float(product) * power_of_two(-28 - zeros)
    return quarter, select(rest < 0, -r, r)


def _digits(word: Any, shift: Any) -> Any:
    """32 binary digits, the first `shift` digits into a word of 2 / pi."""
    return ((TWO_OVER_PI_WORDS[word] << shift) | (TWO_OVER_PI_WORDS[word + 1] >> (32 - shift))) & _WORD
