"""Kernels that go through their elements once: lookups, conversions, and broadcast sums and products."""

from __future__ import annotations

import math

from generator.work._counts import Counts, Params, integer, integers


def elements(params: Params) -> Counts:
    """One plain loop."""
    return {"element": integer(params, "count")}


def fours(params: Params) -> Counts:
    """Four elements at a time, then one."""
    count = integer(params, "count")
    return {"four": count // 4, "rest": count % 4}


def broadcast(params: Params) -> Counts:
    """Rows of runtime_c/broadcast.h."""
    rows = math.prod(integers(params, "outer_count").tolist())
    return {"row": rows, "element": rows * integer(params, "count"), "step": steps(params, "outer_count")}


def broadcast_by_step(params: Params) -> Counts:
    """The same in kernels that have one loop for neighbouring elements and one for any step."""
    counted = broadcast(params)
    if integer(params, "a_step") == integer(params, "b_step") == 1:
        return counted
    return {"step": counted["step"], "strided_row": counted["row"], "strided_element": counted["element"]}


def steps(params: Params, name: str) -> int:
    """How often `simref_next_step` looks at a loop, over the whole walk: loop k once per run of all loops inside it."""
    counts = integers(params, name).tolist()
    return sum(math.prod(counts[loop:]) for loop in range(len(counts)))
