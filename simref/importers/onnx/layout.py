"""The order in which the dimensions of an ONNX value are stored: permutations that most layers carry along.

A value of shape (1, C, H, W) that a convolution wrote is stored as (1, H, W, C): its order is (0, 2, 3, 1), dimension
`order[k]` is the k-th stored one. Layers that do not care keep the order they get; only where a layer must have another
one are elements moved.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from simref.graph import Shape

Order = tuple[int, ...]


def plain(rank: int) -> Order:
    """The order of the model itself."""
    return tuple(range(rank))


def channels_last(rank: int) -> Order:
    """(N, C, …) stored as (N, …, C)."""
    return (0, *range(2, rank), 1)


def inverse(order: Order) -> Order:
    """Where each dimension is stored."""
    return tuple(order.index(axis) for axis in range(len(order)))


def permuted(shape: Sequence[int], order: Order) -> Shape:
    """The stored shape."""
    return tuple(shape[axis] for axis in order)


def with_last(order: Order, axes: Sequence[int]) -> Order:
    """The order with these dimensions moved to the end."""
    return (*(axis for axis in order if axis not in axes), *axes)


def without(order: Order, axes: Sequence[int]) -> Order:
    """The order of what is left when dimensions are dropped."""
    kept = [axis for axis in order if axis not in axes]
    rank = {axis: k for k, axis in enumerate(sorted(kept))}
    return tuple(rank[axis] for axis in kept)


def moves_elements(stored: Shape, permutation: Order) -> bool:
    """False where a transpose only moves dimensions of size 1: then the bytes stay."""
    large = [axis for axis in permutation if stored[axis] != 1]
    return large != sorted(large)


Groups = list[tuple[list[int], list[int]]]


def reshape_groups(base: Shape, target: Shape) -> Groups:
    """The smallest groups of neighbouring dimensions of the two shapes that hold equally many elements.

    The shapes hold equally many elements, and at least one.
    """
    groups: Groups = []
    i = j = 0
    while i < len(base) or j < len(target):
        ours, theirs = list(range(i, min(i + 1, len(base)))), list(range(j, min(j + 1, len(target))))
        i, j = i + len(ours), j + len(theirs)
        while (have := math.prod(base[k] for k in ours)) != (want := math.prod(target[k] for k in theirs)):
            if have < want:
                ours.append(i)
                i += 1
            else:
                theirs.append(j)
                j += 1
        groups.append((ours, theirs))
    return groups


def reshaped_order(base: Shape, order: Order, target: Shape) -> Order | None:
    """The order in which `target` is a mere view of `base` stored in `order`; None where elements must move."""
    sequence = [axis for axis in order if base[axis] != 1]
    placed: list[tuple[int, list[int]]] = []
    for ours, theirs in reshape_groups(base, target):
        large = [axis for axis in ours if base[axis] != 1]
        if large:
            first = sequence.index(large[0])
            if sequence[first : first + len(large)] != large:
                return None
            placed.append((order.index(large[0]), theirs))
        else:
            placed.append((order.index(ours[0]) if ours else len(order), theirs))
    return tuple(axis for _, theirs in sorted(placed, key=lambda item: item[0]) for axis in theirs)


def gathered_order(base: Shape, order: Order, target: Shape) -> Order:
    """An order of `target` that `base` reaches from `order` by moving only what each group's reshape needs together."""
    groups = [ours for ours, _ in reshape_groups(base, target) if ours]
    places = [min((order.index(axis) for axis in ours if base[axis] != 1), default=0) for ours in groups]
    together = tuple(axis for _, ours in sorted(zip(places, groups, strict=True)) for axis in ours)
    found = reshaped_order(base, together, target)
    assert found is not None
    return found


def broadcast_order(order: Order, rank: int) -> Order:
    """The order of a value that got leading dimensions of size 1 up to `rank`."""
    more = rank - len(order)
    return (*range(more), *(axis + more for axis in order))
