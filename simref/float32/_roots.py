"""Square roots."""

from __future__ import annotations

import numpy as np

from ._elementwise import Float32, square_root

_ONE = np.float32(1)


def sqrt(x: Float32, fused: bool) -> Float32:
    """Return the square root, correctly rounded (0.5 ulp): NaN below 0."""
    return square_root(x)


def rsqrt(x: Float32, fused: bool) -> Float32:
    """Return 1 / sqrt(x), at most 1.5 ulp off: infinity for 0, NaN below."""
    return _ONE / square_root(x)
