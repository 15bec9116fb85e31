"""The sum of a product and an addend, rounded once or twice."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._elementwise import Float32

_Float64 = NDArray[np.float64]

# So many float64 elements stay in a cache of 1 MB; page faults of fresh memory would cost more than the arithmetic.
_BLOCK = 1 << 16


def multiply_add(a: ArrayLike, b: ArrayLike, c: ArrayLike, fused: bool, out: Float32 | None = None) -> Float32:
    """Return a * b + c in float32, rounded once if `fused`, else after the product and again after the sum.

    a, b, c: float32, of shapes that broadcast. out: float32 array for the result, of the broadcast shape; may be c.
    """
    a, b, c = np.asarray(a, np.float32), np.asarray(b, np.float32), np.asarray(c, np.float32)
    shape = np.broadcast_shapes(a.shape, b.shape, c.shape)
    y = np.empty(shape, np.float32) if out is None else out
    one = _fused_block if fused else _separate_block
    with np.errstate(all="ignore"):
        if y.size <= _BLOCK:
            one(a, b, c, y)
            return y
        axis = int(np.argmax(shape))
        step = max(1, _BLOCK * shape[axis] // y.size)
        for start in range(0, shape[axis], step):
            one(*(_part(x, axis - len(shape), slice(start, start + step)) for x in (a, b, c, y)))
    return y


def _part(x: Float32, axis: int, part: slice) -> Float32:
    """The part of an axis counted from the end; all of x where x is repeated along it."""
    if x.ndim < -axis or x.shape[axis] == 1:
        return x
    return x[tuple(part if k == x.ndim + axis else slice(None) for k in range(x.ndim))]


def _separate_block(a: Float32, b: Float32, c: Float32, y: Float32) -> None:
    np.add(a * b, c, out=y)


def _fused_block(a: Float32, b: Float32, c: Float32, y: Float32) -> None:
    """The product is exact in float64; the rounded sum in float64 is rounded again, which repairs all but ties.

    The second rounding is wrong only where the first one made an inexact sum a tie. A tie has at most 25 significant
    bits, so that the low 28 bits of its float64 are 0 (also where the float32 is subnormal), and is no float32.
    """
    total = np.empty(y.shape, np.float64)
    np.multiply(a.astype(np.float64), b.astype(np.float64), out=total)
    np.add(total, c, out=total)
    rounded = total.astype(np.float32)
    suspects = (total.view(np.int64) & ((1 << 28) - 1) == 0) & (rounded != total)
    if suspects.any():
        x, w, addend = (np.broadcast_to(operand, y.shape)[suspects].astype(np.float64) for operand in (a, b, c))
        rounded[suspects] = _rounded_to_odd(x * w, addend)
    y[...] = rounded


def _rounded_to_odd(product: _Float64, addend: _Float64) -> _Float64:
    """The sum rounded to that one of its two float64 neighbours which ends in a 1 bit, unless it is exact.

    A further rounding to float32 then equals one rounding of the exact sum (Boldo and Melquiond 2008). For sums whose
    nearest float64 ends in a 0 bit.
    """
    total = product + addend
    head = total - product
    error = (product - (total - head)) + (addend - head)
    step = np.where((error > 0) == (total > 0), 1, -1)
    bits = total.view(np.int64) + np.where(error == 0, 0, step)
    return bits.view(np.float64)


def polynomial(x: Float32, coefficients: tuple[np.float32, ...], fused: bool) -> Float32:
    """Return the polynomial of x by Horner's rule; coefficients: at least two, highest power first."""
    y = multiply_add(x, coefficients[0], coefficients[1], fused)
    for coefficient in coefficients[2:]:
        y = multiply_add(y, x, coefficient, fused)
    return y
