"""Compiled twins of ADD, SUB and MUL; imported only where they run, because importing Numba takes long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from simref.graph import Array
from simref.ops._numba import scaled


def over_flat(kernel: Callable[..., Any], a: Array, b: Array, *args: Any) -> Array:
    """The kernel over two arrays of equal rank, broadcast against each other, in C order."""
    shape = np.broadcast_shapes(a.shape, b.shape)
    flat = (np.ascontiguousarray(np.broadcast_to(x, shape)).ravel() for x in (a, b))
    return np.asarray(kernel(*flat, *args)).reshape(shape)


@njit(cache=True, nogil=True)
def add_flat(
    a: Array,
    b: Array,
    a_table: Array,
    b_table: Array,
    multiplier: int,
    shift: int,
    zero_point: int,
    low: int,
    high: int,
) -> Any:
    """int8 of the rescaled sums. a, b: uint8 bytes; a_table, b_table: int64, the scaled value of each byte."""
    y = np.empty(a.size, np.int8)
    for i in range(a.size):
        value = scaled(a_table[a[i]] + b_table[b[i]], multiplier, shift) + zero_point
        y[i] = min(max(value, low), high)
    return y


@njit(cache=True, nogil=True)
def mul_flat(
    a: Array, b: Array, a_zero: int, b_zero: int, multiplier: int, shift: int, zero_point: int, low: int, high: int
) -> Any:
    """int8 of the rescaled products of int8."""
    y = np.empty(a.size, np.int8)
    for i in range(a.size):
        product = (int(a[i]) - a_zero) * (int(b[i]) - b_zero)
        value = scaled(product, multiplier, shift) + zero_point
        y[i] = min(max(value, low), high)
    return y
