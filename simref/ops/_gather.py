"""What the gathering operators share: indices, stored or computed, and what an index outside its dimension means.

A negative index counts from the end of its dimension. A stored index outside is refused; a computed one takes the
nearest element, so that no kernel ever reads outside its input.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from simref.graph import Array, Layer, Shape
from simref.ops._movement import movement_rules
from simref.ops._op import Form, KernelCall, Reference, Value, never_in_place
from simref.ops._rules import Custom, InputDtype, Operands, OutputShape, Rank, Rule
from simref.ops._strided import MAX_RANK

Sizes = Callable[[Layer], Shape | int]


def gather_form(
    misfit: Custom,
    sizes: Sizes,
    shapes: Callable[[Layer], tuple[Shape, ...]],
    reference: Reference,
    kernels: Callable[[Layer], tuple[KernelCall, ...]],
) -> Form:
    """The form of an operator that takes (x, indices).

    misfit: the attributes and both shapes fit. sizes: of the dimension that the indices point into, or of those that
    the indices along their last axis do; called once `misfit` holds. shapes: the output's.
    """
    rules = (
        Operands(2),
        *movement_rules(),
        InputDtype("indices", 1, ("int32", "int64")),
        Rank("indices", 1, 0, MAX_RANK),
        misfit,
        _stored_inside(sizes),
        OutputShape(shapes),
    )
    return Form(
        rounding="none: data movement",
        rules=rules,
        reference=reference,
        numba=None,
        kernels=kernels,
        in_place=never_in_place,
    )


def _stored_inside(sizes: Sizes) -> Rule:
    def violation(layer: Layer) -> str | None:
        indices, allowed = layer.input(1).data, np.array(sizes(layer))
        if indices is None:
            return None
        outside = np.argwhere((indices < -allowed) | (indices >= allowed))
        if not len(outside):
            return None
        found, size = indices[tuple(outside[0])], np.broadcast_to(allowed, indices.shape)[tuple(outside[0])]
        return f"gathers index {found}, must be {-size} to {size - 1}"

    def with_index_outside(layer: Layer) -> Layer:
        indices = layer.input(1)
        far = dataclasses.replace(indices, data=np.full(indices.shape, 1 << 30, indices.dtype))
        return layer.replace(inputs=(layer.input(0), far))

    return Custom("stored indices lie inside, from minus the dimension's size on", violation, with_index_outside)


def axis_size(layer: Layer) -> int:
    """The size of the dimension `axis`, which counts from the front."""
    return layer.input(0).shape[int(layer.attributes.axis)]


def resolved(indices: Array, sizes: Sequence[int] | int) -> NDArray[np.int64]:
    """The indices counted from the front, those outside moved to the nearest end; sizes broadcast to the indices."""
    wide, size = indices.astype(np.int64), np.asarray(sizes, np.int64)
    return np.clip(np.where(wide < 0, wide + size, wide), 0, size - 1)


def indices_operand(layer: Layer, sizes: Sequence[int] | int) -> int | Array:
    """The indices as the kernels take them: computed ones where they lie, stored ones resolved, in 32 bits."""
    stored = layer.input(1).data
    # NumPy gives a scalar, which is no array, for a single index.
    return 1 if stored is None else np.asarray(resolved(stored, sizes), np.int32)


def run_params(layer: Layer, elements: int) -> dict[str, Value]:
    """The kernels' fields for the bytes that one index moves and for the width of the indices."""
    x, indices = layer.input(0), layer.input(1)
    run = elements * x.dtype.itemsize
    return {
        "run": run,
        # The planner aligns activations; a constant is aligned only as its C type asks.
        "aligned": int(run % 4 == 0 and (not x.is_constant or x.dtype.itemsize >= 4)),
        "wide": int(indices.dtype == np.int64 and not indices.is_constant),
    }
