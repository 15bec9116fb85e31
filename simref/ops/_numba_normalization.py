"""The normalizations in compiled code; imported only where they run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from simref.graph import Array
from simref.ops._numba_float32 import multiply_add


@njit(cache=True, nogil=True)
def scale_rows(x: Array, scale: Array, offset: Array, fused: Any) -> Any:
    """BATCH_NORMALIZATION: float32 (rows, channels) * (channels,) + (channels,)."""
    rows, channels = x.shape
    y = np.empty((rows, channels), np.float32)
    for r in range(rows):
        for c in range(channels):
            y[r, c] = multiply_add(x[r, c], scale[c], offset[c], fused)
    return y
