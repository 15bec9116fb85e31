"""How far two arrays are apart: exact mismatches, and the metrics that compare a network with another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simref.graph import Array


def mismatches(found: Array, expected: Array) -> NDArray[np.bool_]:
    """Where two arrays of one shape and dtype differ in their bits: -0.0 is not 0.0.

    Any NaN equals any NaN: its sign and payload differ from machine to machine, and nothing here reads them.
    """
    unequal: NDArray[np.bool_] = _bits(found) != _bits(expected)
    if expected.dtype.kind == "f":
        unequal &= ~(np.isnan(found) & np.isnan(expected))
    return unequal


def _bits(array: Array) -> Array:
    contiguous = np.ascontiguousarray(array)
    return contiguous.view(np.dtype(f"u{contiguous.dtype.itemsize}"))
