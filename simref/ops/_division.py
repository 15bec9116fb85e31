"""Division as runtime_c/division.h and runtime_c/remainder_f32.c define it."""

from __future__ import annotations

import numpy as np

from simref.graph import Array


def quotient(a: Array, b: Array) -> Array:
    """a / b: float32 rounded once, integers towards zero; integers over 0 give 0, the smallest over -1 wraps."""
    if a.dtype.kind == "f":
        return np.asarray(a / b)
    return np.asarray(floor_quotient(a, b) + ((floor_remainder(a, b) != 0) & ((a < 0) != (b < 0))))


def floor_quotient(a: Array, b: Array) -> Array:
    """floor(a / b): of the rounded quotient of float32; integers over 0 give 0, the smallest over -1 wraps."""
    if a.dtype.kind == "f":
        return np.asarray(np.floor(a / b))
    return np.where(b == 0, a.dtype.type(0), np.floor_divide(a, np.where(b == 0, a.dtype.type(1), b)))


def remainder(a: Array, b: Array) -> Array:
    """a - b * trunc(a / b), exactly, with the sign of a; NaN, or of integers 0, where b is 0."""
    if a.dtype.kind == "f":
        return np.fmod(a, b)
    return np.where(b == 0, a.dtype.type(0), np.fmod(a, np.where(b == 0, a.dtype.type(1), b)))


def floor_remainder(a: Array, b: Array) -> Array:
    """The same plus b where the signs of b and of the remainder differ."""
    found = remainder(a, b)
    return np.where((found != 0) & ((found < 0) != (b < 0)), found + b, found)
