"""SOFTMAX in compiled code; imported only where it runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from simref.fixedpoint import FORTY_EIGHT_OVER_17, INT32_MAX, INT32_MIN, MINUS_32_OVER_17
from simref.graph import Array
from simref.ops._numba_float32 import exp, log


@njit(cache=True, nogil=True, inline="always")
def _mul(a: Any, b: Any) -> Any:
    return (a * b + (1 << 30)) >> 31


@njit(cache=True, nogil=True)
def _reciprocal(x: Any, integer_bits: Any) -> Any:
    leading_zeros = 0
    while x < 1 << 31:
        x <<= 1
        leading_zeros += 1
    half_denominator = (x - (1 << 31) + INT32_MAX + 1) >> 1
    r = FORTY_EIGHT_OVER_17 + _mul(half_denominator, MINUS_32_OVER_17)
    for _ in range(3):
        step = _mul(r, (1 << 29) - _mul(half_denominator, r)) << 2
        r += min(max(step, INT32_MIN), INT32_MAX)
    return min(r << 1, INT32_MAX), integer_bits - leading_zeros


@njit(cache=True, nogil=True)
def softmax_rows(x: Array, exponentials: Array, sum_bits: Any) -> Any:
    """int8 (rows, depth) of int8 (rows, depth); exponentials: Q0.31 by difference to the row's maximum."""
    rows, depth = x.shape
    entries = len(exponentials)
    y = np.empty((rows, depth), np.int8)
    for row in range(rows):
        largest = np.int64(x[row].max())
        total = np.int64(0)
        for c in range(depth):
            difference = largest - x[row, c]
            if difference < entries:
                total += (exponentials[difference] + (1 << (sum_bits - 1))) >> sum_bits
        scale, bits_over_unit = _reciprocal(total, sum_bits)
        shift = bits_over_unit + 31 - 8
        for c in range(depth):
            difference = largest - x[row, c]
            y[row, c] = -128
            if difference < entries:
                share = (_mul(scale, exponentials[difference]) + (1 << (shift - 1))) >> shift
                y[row, c] = min(share - 128, 127)
    return y


@njit(cache=True, nogil=True)
def _largest(row: Array) -> Any:
    found = row[0]
    for value in row:
        found = max(found, value)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def float_softmax_rows(x: Array, beta: Any, fused: Any) -> Any:
    """SOFTMAX of float32 (rows, count)."""
    y = np.empty_like(x)
    for row in range(len(x)):
        largest: Any = _largest(x[row])
        total: Any = np.float32(0)
        for c in range(x.shape[1]):
            y[row, c] = exp((x[row, c] - largest) * beta, fused)
            total += y[row, c]
        y[row] *= np.float32(1) / total
    return y


@njit(cache=True, nogil=True, error_model="numpy")
def log_softmax_rows(x: Array, fused: Any) -> Any:
    """LOG_SOFTMAX of float32 (rows, count)."""
    y = np.empty_like(x)
    for row in range(len(x)):
        largest: Any = _largest(x[row])
        total: Any = np.float32(0)
        for c in range(x.shape[1]):
            y[row, c] = x[row, c] - largest
            total += exp(y[row, c], fused)
        y[row] -= log(total, fused)
    return y
