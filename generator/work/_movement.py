"""Strided copies and fills."""

from __future__ import annotations

import math

import numpy as np

from generator.work._counts import Counts, Int64, Params, copies, fills, integer, integers, merged

_OWN_LOOPS = (1, 2, 4, 16)  # element sizes with a loop of their own in runtime_c/copy_strided.c


def copy_strided(params: Params) -> Counts:
    """runtime_c/copy_strided.c: rows of the innermost loop, each element moved at once or by memcpy."""
    counts, element = integers(params, "count").tolist(), integer(params, "element")
    rows = math.prod(counts[:-1])
    # Loop k is looked at once for each run of the loops inside it.
    found: Counts = {"step": sum(math.prod(counts[: loop + 1]) for loop in range(len(counts) - 1))}
    if element in _OWN_LOOPS:
        return found | {f"row_{element}": rows, f"move_{element}": rows * counts[-1]}
    target, source = (_addresses(params, side) for side in ("y", "x"))
    return merged(found, {"row": rows, "run": rows * counts[-1]}, copies(element, target, source))


def _addresses(params: Params, side: str) -> Int64:
    """Where each element of one side of a copy lies, relative to its tensor."""
    counts, steps = integers(params, "count").tolist(), integers(params, f"{side}_step").tolist()
    addresses = np.full(1, integer(params, f"{side}_offset"), np.int64)
    travelled = 0
    for loop in range(len(counts) - 1, -1, -1):
        innermost = loop == len(counts) - 1
        stride = steps[loop] + travelled
        addresses = (np.arange(counts[loop], dtype=np.int64)[:, np.newaxis] * stride + addresses).ravel()
        travelled += 0 if innermost else (counts[loop] - 1) * stride
    return addresses


def fill_strided(params: Params) -> Counts:
    """runtime_c/fill_strided.c: one memset per run."""
    starts = np.arange(integer(params, "count"), dtype=np.int64) * integer(params, "step") + integer(params, "offset")
    return merged({"run": starts.size}, fills(integer(params, "run"), starts))
