"""Reading operands that TFLite stores as tensors but that are attributes here: axes, shapes, begins, paddings."""

from __future__ import annotations

import numpy as np

from simref.errors import ModelError
from simref.graph import Array, Layer


def stored_operand(layer: Layer, position: int, name: str) -> Array:
    """The value of the operand at `position`.

    Raises ModelError, without the layer's name, where the model leaves it out or computes it at run time.
    """
    tensor = layer.optional_input(position)
    if tensor is None:
        raise ModelError(f"input {position}, its {name}, is missing")
    if tensor.data is None:
        raise ModelError(f"{name} is computed at run time, must be a constant")
    return tensor.data


def stored_integers(layer: Layer, position: int, name: str, *, length: int | None = None) -> tuple[int, ...]:
    """The integers of the operand at `position`, in C order; `length` is how many there must be.

    Raises ModelError, without the layer's name, where they are absent, no integers, or not that many.
    """
    data = stored_operand(layer, position, name)
    if not np.issubdtype(data.dtype, np.integer):
        raise ModelError(f"{name} is {data.dtype}, must be int32 or int64")
    if length is not None and data.size != length:
        raise ModelError(f"{name} has {data.size} elements, must have {length}")
    return tuple(int(value) for value in data.ravel())


def resolve_axis(axis: int, rank: int, name: str = "axis") -> int:
    """The axis counted from the front; raises ModelError for one that a tensor of that rank does not have."""
    if not -rank <= axis < rank:
        raise ModelError(f"{name} is {axis}, must be {-rank} to {rank - 1}")
    return axis % rank
