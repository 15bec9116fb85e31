"""What the functions are written with: steps that mean the same for arrays and, compiled, for scalars."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float32 = NDArray[np.float32]
Kernel = Callable[[Float32, bool], Float32]
Kernel2 = Callable[[Float32, Float32, bool], Float32]

# The arrays of a step stay in the cache for the next one.
_BLOCK = 1 << 14


def elementwise(kernel: Kernel) -> Callable[[ArrayLike, bool], Float32]:
    """Make a function of float32 arrays of any shape from one of short one-dimensional arrays."""

    @functools.wraps(kernel)
    def apply(x: ArrayLike, fused: bool) -> Float32:
        return _in_blocks(kernel, [np.asarray(x, np.float32)], fused)

    return apply


def elementwise_of_two(kernel: Kernel2) -> Callable[[ArrayLike, ArrayLike, bool], Float32]:
    """Make a function of two float32 arrays, of shapes that broadcast, from one of short one-dimensional arrays."""

    @functools.wraps(kernel)
    def apply(x: ArrayLike, y: ArrayLike, fused: bool) -> Float32:
        return _in_blocks(kernel, np.broadcast_arrays(np.asarray(x, np.float32), np.asarray(y, np.float32)), fused)

    return apply


def _in_blocks(kernel: Callable[..., Float32], operands: Sequence[Float32], fused: bool) -> Float32:
    flat = [operand.reshape(-1) for operand in operands]
    y = np.empty(flat[0].size, np.float32)
    with np.errstate(all="ignore"):
        for start in range(0, y.size, _BLOCK):
            part = slice(start, start + _BLOCK)
            y[part] = kernel(*(operand[part] for operand in flat), fused)
    return y.reshape(operands[0].shape)


def bits_of(x: Float32) -> NDArray[np.int32]:
    """The IEEE 754 bits as int32."""
    return x.view(np.int32)


def float_of(bits: NDArray[Any]) -> Float32:
    """The float32 of these bits."""
    return bits.astype(np.int32).view(np.float32)


def to_float(n: NDArray[Any]) -> Float32:
    """The float32 nearest to an integer."""
    return n.astype(np.float32)


def to_int64(n: NDArray[Any]) -> NDArray[np.int64]:
    """An integer of 64 bits, whose arithmetic wraps."""
    return n.astype(np.int64)


def select(condition: NDArray[np.bool_], yes: Any, no: Any) -> NDArray[Any]:
    """`yes` where the condition holds, else `no`."""
    chosen: NDArray[Any] = np.where(condition, yes, no)
    return chosen


def leading_zeros(n: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many zero bits precede the first one bit of an int64, 2**9 <= n <= 2**61."""
    # At most 2**53, so that the conversion does not round up to the next power of two.
    exponent = ((n >> 8).astype(np.float64).view(np.int64) >> 52) - 1023
    return 63 - 8 - exponent


def copy_sign(magnitude: Float32, sign: Float32) -> Float32:
    """The magnitude, not negative, with the sign of the other number."""
    return float_of(bits_of(magnitude) | (bits_of(sign) & -0x8000_0000))


def square_root(x: Float32) -> Float32:
    """The square root as IEEE 754 rounds it."""
    root: Float32 = np.sqrt(x, dtype=np.float32)
    return root
