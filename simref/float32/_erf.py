"""The error function."""

from __future__ import annotations

import numpy as np

from ._elementwise import Float32, copy_sign, select
from ._exponential import exp
from ._sum import multiply_add, polynomial
from .constants import ERF_HIGHEST, ERF_POLYNOMIAL, ERF_SMALL, ERF_TAIL_POLYNOMIAL

_ONE = np.float32(1)


def erf(x: Float32, fused: bool) -> Float32:
    """Return 2 / sqrt(pi) times the integral of e**-t**2 from 0 to x, at most 1.32 ulp off."""
    a = abs(x)
    small = multiply_add(a, polynomial(a * a, ERF_POLYNOMIAL, fused), a, fused)
    within = select(a > ERF_HIGHEST, ERF_HIGHEST, a)
    large = _ONE - exp(within * polynomial(within, ERF_TAIL_POLYNOMIAL, fused), fused)
    return copy_sign(select(a < ERF_SMALL, small, large), x)
