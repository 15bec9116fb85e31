"""Kernels that go over images pixel by pixel: pooling and resizing."""

from __future__ import annotations

import numpy as np

from generator.work._counts import Counts, Int64, Params, copies, integer, integers, merged


def pool(params: Params) -> Counts:
    """runtime_c/pool_s8.h: windows clipped to the image, four channels at a time, then one."""
    rows, columns = _extents(params, "height", "pad_top"), _extents(params, "width", "pad_left")
    batches, channels = integer(params, "pool.batches"), integer(params, "pool.channels")
    pixels = batches * len(rows) * len(columns)
    window_rows = batches * int(rows.sum()) * len(columns)
    taps = batches * int(rows.sum()) * int(columns.sum())
    found: Counts = {"output_row": batches * len(rows), "pixel": pixels}
    for name, number in (("four", channels // 4), ("one", channels % 4)):
        found |= {name: pixels * number, f"{name}_rows": window_rows * number, f"{name}_taps": taps * number}
    return found


def _extents(params: Params, side: str, pad: str) -> Int64:
    """Rows or columns of each window that lie in the image."""
    steps = np.arange(integer(params, f"pool.output_{side}"), dtype=np.int64)
    first = steps * integer(params, f"pool.stride_{side}") - integer(params, f"pool.{pad}")
    last = np.minimum(first + integer(params, f"pool.kernel_{side}"), integer(params, f"pool.input_{side}"))
    return np.asarray(last - np.maximum(first, 0))


def resize_bilinear(params: Params) -> Counts:
    """runtime_c/resize_bilinear_s8.c."""
    rows, columns = integer(params, "output_height"), integer(params, "output_width")
    return {"row": rows, "pixel": rows * columns, "element": rows * columns * integer(params, "channels")}


def resize_nearest_neighbor(params: Params) -> Counts:
    """runtime_c/resize_nearest_neighbor.c: a row like the one before it is copied from there."""
    pixel, columns = integer(params, "pixel"), integer(params, "output_width")
    starts = integers(params, "rows")
    repeated = np.flatnonzero(starts[1:] == starts[:-1]) + 1
    size, fresh = columns * pixel, len(starts) - len(repeated)
    unit, kind = (4, "word") if integer(params, "aligned") else (1, "byte")
    walked: Counts = {
        f"{kind}_row": fresh, f"{kind}_pixel": fresh * columns, kind: fresh * columns * (pixel // unit),
    }  # fmt: skip
    return merged({"row": len(starts)}, walked, copies(size, repeated * size, (repeated - 1) * size))
