"""sigmoid and tanh."""

from __future__ import annotations

import numpy as np

from ._elementwise import Float32, copy_sign, select
from ._exponential import exp, exp_and_rest
from ._sum import multiply_add, polynomial
from .constants import TANH_POLYNOMIAL, TANH_SMALL

_ONE, _TWO = np.float32(1), np.float32(2)


def sigmoid(x: Float32, fused: bool) -> Float32:
    """Return 1 / (1 + e**-x), at most 1.51 ulp off."""
    e, rest_of_e = exp_and_rest(-abs(x), fused)
    total = _ONE + e
    y = e / total
    # What the roundings of e and of the sum left out, to first order: 1 - y is 1 / total.
    rest_of_total = e - (total - _ONE)
    y = y + (_ONE - y) * ((_ONE - y) * rest_of_e - y * rest_of_total)
    return select(x < 0, y, _ONE - y)


def tanh(x: Float32, fused: bool) -> Float32:
    """Return the hyperbolic tangent, at most 1.34 ulp off."""
    a = abs(x)
    square = x * x
    small = multiply_add(a * square, polynomial(square, TANH_POLYNOMIAL, fused), a, fused)
    large = _ONE - _TWO / (exp(a + a, fused) + _ONE)
    return copy_sign(select(a < TANH_SMALL, small, large), x)
