"""Two views of memory to the parameters of the strided-copy kernel, with as few and as wide steps as they allow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from simref.graph import Array

MAX_RANK = 6
"""Dimensions of the loop nest of runtime_c/copy_strided; merging only ever needs fewer than the tensors have."""

_RUN_FOR_MEMCPY = 16
"""Units in a row from which a call of memcpy beats the kernel's own loop: counted on a Cortex-M3, a call costs about
50 instructions more than its loads and stores, the loop 4 for each unit."""

_QUAD = 16
"""Bytes that the kernel moves as four words, where all addresses are multiples of 4."""


@dataclass(frozen=True)
class Dim:
    """One loop: `count` steps of so many bytes in the source and in the destination."""

    count: int
    x_stride: int
    y_stride: int


def merged_dims(x: Array, y: Array) -> list[Dim]:
    """The loops that walk two views of equal shape, outermost first, with adjacent ones joined where they can be."""
    dims: list[Dim] = []
    for count, x_stride, y_stride in zip(x.shape, x.strides, y.strides, strict=True):
        if count == 1:
            continue
        inner = Dim(count, x_stride, y_stride)
        if dims and dims[-1].x_stride == count * x_stride and dims[-1].y_stride == count * y_stride:
            inner = Dim(dims.pop().count * count, x_stride, y_stride)
        dims.append(inner)
    return dims


def loops_needed(x: Array, y: Array) -> int:
    """How many loops the kernel needs to copy one view to the other; it has MAX_RANK.

    An element of 8 bytes is moved as two words, unless it is part of a run.
    """
    dims = merged_dims(x, y)
    in_runs = bool(dims) and dims[-1].x_stride == dims[-1].y_stride == x.itemsize
    return len(dims) + (x.itemsize > 4 and not in_runs)


def is_identity(x: Array, x_size: int, y: Array, y_size: int) -> bool:
    """True when both views walk all elements of tensors of these sizes in order: every byte stays where it is."""
    return x.size == x_size and y.size == y_size and x.flags.c_contiguous and y.flags.c_contiguous


def strided_params(x: Array, x_base: int, y: Array, y_base: int, widest: int) -> dict[str, Any]:
    """The fields of `struct simref_copy_strided_params` that copy view x to view y.

    x_base, y_base: addresses of the tensors that the views show. widest: bytes to which both tensors are aligned.
    """
    x_offset = address_of(x) - x_base
    y_offset = address_of(y) - y_base
    dims = merged_dims(x, y)
    element = x.itemsize
    if dims and dims[-1].x_stride == dims[-1].y_stride == element:
        element *= dims.pop().count
    unit = math.gcd(element, x_offset, y_offset, widest, *(s for d in dims for s in (d.x_stride, d.y_stride)))
    if unit == 4 and element % _QUAD == 0:
        unit = _QUAD
    if element // unit < _RUN_FOR_MEMCPY:
        dims.append(Dim(element // unit, unit, unit))
        element = unit
    # The order of the loops is free: the longest innermost has the least overhead.
    dims = sorted((d for d in dims if d.count > 1), key=lambda d: d.count)
    dims = [Dim(1, 0, 0)] * (MAX_RANK - len(dims)) + dims
    return {
        "element": element,
        "x_offset": x_offset,
        "y_offset": y_offset,
        "count": [d.count for d in dims],
        "x_step": _steps(dims, [d.x_stride for d in dims]),
        "y_step": _steps(dims, [d.y_stride for d in dims]),
    }


def address_of(array: Array) -> int:
    """Where the array's first element lies; the offset of a view is the difference of two such addresses."""
    return int(array.__array_interface__["data"][0])


def _steps(dims: list[Dim], strides: list[int]) -> list[int]:
    """How far the pointer moves when a loop advances, the loops within it having run to their last step.

    The innermost loop is walked by a pointer of its own, so it adds nothing to rewind.
    """
    steps = [strides[-1]]
    travelled = 0
    for dim, stride in zip(reversed(dims[:-1]), reversed(strides[:-1]), strict=True):
        steps.append(stride - travelled)
        travelled += (dim.count - 1) * stride
    return steps[::-1]
