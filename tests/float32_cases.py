"""Values and comparisons for tests of float32 arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

_SPECIAL_BITS = (
    *(0x00000000, 0x00000001, 0x00000002, 0x00000003, 0x00400000, 0x007FFFFF, 0x00800000, 0x00800001),
    *(0x33000000, 0x33800000, 0x34000000, 0x3EFFFFFF, 0x3F000000, 0x3F000001, 0x3F7FFFFF, 0x3F800000),
    *(0x3F800001, 0x3FC00000, 0x40000000, 0x4B000000, 0x4B000001, 0x4B800001, 0x7F7FFFFF, 0x7F800000, 0x7FC00000),
)


def special_values() -> Float32:
    """Zeros, subnormals, neighbours of powers of two, the largest, infinities and NaN, of either sign."""
    bits = np.array(_SPECIAL_BITS, np.uint32)
    return np.concatenate([bits, bits | np.uint32(1 << 31)]).view(np.float32)


def any_values(rng: np.random.Generator, count: int) -> Float32:
    """Patterns of bits, each as likely as the next."""
    return rng.integers(0, 1 << 32, count, np.uint32).view(np.float32)


def assert_same_bits(found: Float32, expected: Float32) -> None:
    """Equal in every bit, but any NaN equals any other."""
    assert found.dtype == expected.dtype == np.float32
    assert found.shape == expected.shape
    same = (found.view(np.uint32) == expected.view(np.uint32)) | (np.isnan(found) & np.isnan(expected))
    wrong = np.flatnonzero(~same)
    assert not wrong.size, (
        f"{wrong.size} differ, first [{wrong[0]}]: {found.flat[wrong[0]]!r}, {expected.flat[wrong[0]]!r}"
    )


def sum_cases(count: int) -> tuple[Float32, Float32, Float32]:
    """Operands of a * b + c, `count` of each kind: any bits, special values, cancellation, and sums beside a tie."""
    rng = np.random.default_rng(count)
    anything = [any_values(rng, count) for _ in range(3)]
    special = [rng.choice(special_values(), count) for _ in range(3)]
    near = [any_values(rng, count) for _ in range(2)]
    with np.errstate(all="ignore"):
        near.append(-near[0] * near[1] * np.float32(1 + 2.0**-23) ** rng.integers(-2, 3, count).astype(np.float32))
    kinds = zip(anything, special, near, _beside_ties(rng, count), _beside_ties(rng, count, 1), strict=True)
    a, b, c = (np.concatenate(kind).astype(np.float32) for kind in kinds)
    return a, b, c


def _beside_ties(rng: np.random.Generator, count: int, largest_exponent: int = 254) -> list[Float32]:
    """a * b is half a unit of c's last place, less or more than 2**-46 of itself: too little for float64 to see."""
    exponent = rng.integers(0, largest_exponent + 1, count)
    significand = rng.integers(0, 1 << 23, count)
    sign = rng.choice(np.array([-1, 1]), count)
    c = (np.ldexp(significand + (exponent > 0) * 2.0**23, np.maximum(exponent, 1) - 150) * sign).astype(np.float32)
    factor = 1 + 2.0**-23 * rng.integers(-1, 2, count)
    half = np.ldexp(2 - factor, np.maximum(exponent, 1) - 151 - 23) * rng.choice(np.array([-1, 1]), count)
    # Powers of two move from one factor to the other so that both are float32; 2**-151 * 2**k needs k > 2.
    shift = np.clip(60 - exponent, -60, 60)
    return [np.ldexp(factor, 23 - shift).astype(np.float32), np.ldexp(half, shift).astype(np.float32), c]


def arguments(count: int) -> Float32:
    """Special values, `count` floats evenly spread over all patterns of bits and `count` of everyday size."""
    spread = np.arange(0, 1 << 32, (1 << 32) // count, dtype=np.uint64).astype(np.uint32).view(np.float32)
    everyday = np.random.default_rng(count).normal(0, 8, count).astype(np.float32)
    return np.concatenate([special_values(), spread, everyday])


def power_cases(count: int) -> tuple[Float32, Float32]:
    """x and y: every pair of special values; `count` each of any bits, everyday sizes, x near 1 and integer y."""
    rng = np.random.default_rng(count)
    special = special_values()
    everyday = np.exp(rng.normal(0, 3, (2, count)))
    near_1 = 1 + np.ldexp(rng.normal(0, 1, count), rng.integers(-24, 0, count))
    large = np.ldexp(rng.normal(0, 1, count), rng.integers(0, 30, count))
    x: list[NDArray[Any]] = [
        np.repeat(special, special.size),
        any_values(rng, count),
        everyday[0],
        near_1,
        -everyday[1],
    ]
    y: list[NDArray[Any]] = [np.tile(special, special.size), any_values(rng, count), rng.normal(0, 10, count), large]
    y.append(rng.integers(-20, 20, count))
    with np.errstate(all="ignore"):
        return np.concatenate(x).astype(np.float32), np.concatenate(y).astype(np.float32)
