"""Kernels that make one value of many: sums, extremes, the place of the largest, and softmax."""

from __future__ import annotations

import math

from generator.work._counts import Counts, Params, integer, integers
from generator.work._elementwise import steps


def reduce(params: Params) -> Counts:
    """runtime_c/reduce.h: for each output element a walk over the reduced loops."""
    kept = math.prod(integers(params, "kept_count").tolist())
    rows = kept * math.prod(integers(params, "reduced_count").tolist())
    return {
        "output": kept,
        "row": rows,
        "element": rows * integer(params, "count"),
        "kept_step": steps(params, "kept_count"),
        "reduced_step": kept * steps(params, "reduced_count"),
    }


def arg_max(params: Params) -> Counts:
    """runtime_c/arg_max.h."""
    outer, inner, count = (integer(params, name) for name in ("outer", "inner", "count"))
    return {"outer": outer, "output": outer * inner, "element": outer * inner * (count - 1)}


def softmax(params: Params) -> Counts:
    """runtime_c/softmax_s8.c; how many elements lie within the table of exponentials depends on the values."""
    rows, depth = integer(params, "rows"), integer(params, "depth")
    within = min(integer(params, "entries") / 256, 1.0)
    return {"row": rows, "element": rows * depth, "within_table": rows * depth * within}
