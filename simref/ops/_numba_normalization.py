"""The normalizations in compiled code; imported only where they run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from simref.graph import Array
from simref.ops._numba_float32 import multiply_add, rsqrt, sqrt


@njit(cache=True, nogil=True)
def scale_rows(x: Array, scale: Array, offset: Array, fused: Any) -> Any:
    """BATCH_NORMALIZATION: float32 (rows, channels) * (channels,) + (channels,)."""
    rows, channels = x.shape
    y = np.empty((rows, channels), np.float32)
    for r in range(rows):
        for c in range(channels):
            y[r, c] = multiply_add(x[r, c], scale[c], offset[c], fused)
    return y


@njit(cache=True, nogil=True)
def _squares(row: Array, less: Any, fused: Any) -> Any:
    total = np.float32(0)
    for value in row:
        difference = value - less
        total = multiply_add(difference, difference, total, fused)
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def normalize_rows(x: Array, gamma: Array, beta: Array, epsilon: Any, fused: Any) -> Any:
    """Each row of float32 (rows, count) normalized; gamma and beta of the same shape."""
    rows, count = x.shape
    n = np.float32(count)
    y = np.empty_like(x)
    for r in range(rows):
        total: Any = np.float32(0)
        for c in range(count):
            total += x[r, c]
        mean = total / n
        scale = rsqrt(_squares(x[r], mean, fused) / n + epsilon, fused)
        for c in range(count):
            y[r, c] = multiply_add((x[r, c] - mean) * scale, gamma[r, c], beta[r, c], fused)
    return y


@njit(cache=True, nogil=True, error_model="numpy")
def l2_normalize_rows(x: Array, epsilon: Any, fused: Any) -> Any:
    """L2_NORMALIZATION of float32 (rows, depth)."""
    y = np.empty_like(x)
    for r in range(len(x)):
        norm = sqrt(_squares(x[r], np.float32(0), fused), fused)
        norm = max(norm, epsilon)
        y[r] = x[r] / norm
    return y
