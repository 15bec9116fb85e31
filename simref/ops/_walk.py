"""Nested loops over strided memory, as runtime_c/walk.h runs them."""

from __future__ import annotations

from collections.abc import Sequence


def advances(counts: Sequence[int], steps: Sequence[int], loops: int) -> list[int]:
    """What moves a pointer when loop k, innermost first, takes a step and all loops inside it start again.

    counts, steps: of each loop. The list is padded with zeros to `loops`.
    """
    found, back = [], 0
    for count, step in zip(counts, steps, strict=True):
        found.append(step - back)
        back += (count - 1) * step
    return found + [0] * (loops - len(found))


def padded_counts(counts: Sequence[int], loops: int) -> list[int]:
    """The counts, and ones up to `loops`."""
    return [*counts, *[1] * (loops - len(counts))]
