"""What the operators share that take boxes out of a tensor."""

from __future__ import annotations

from collections.abc import Sequence

from simref.graph import Array


def strided_box(x: Array, begin: Sequence[int], count: Sequence[int], stride: Sequence[int]) -> Array:
    """The view of `count` elements along each dimension behind the sample axis, from `begin` on, `stride` apart."""
    index = [slice(None)]
    for first, n, step in zip(begin, count, stride, strict=True):
        end = first + n * step
        # A slice that walks down to the first element has no end to name.
        index.append(slice(first, end if end >= 0 else None, step))
    return x[tuple(index)]
