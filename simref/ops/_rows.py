"""Operators that work along one axis: each row along it by itself."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from simref.graph import Array, Layer
from simref.ops._op import Value
from simref.ops._rules import Custom


def axis_of(layer: Layer) -> int:
    """The layer's axis, counted from the front."""
    axis: int = layer.attributes.axis
    return axis % len(layer.input(0).shape)


def row_params(layer: Layer) -> dict[str, Value]:
    """The fields outer, count and inner of a kernel over (outer, count, inner) elements, `count` along the axis."""
    shape, axis = layer.input(0).shape, axis_of(layer)
    return {"outer": math.prod(shape[:axis]), "count": shape[axis], "inner": math.prod(shape[axis + 1 :])}


def in_rows(layer: Layer, x: Array) -> Array:
    """x, with a leading sample axis, as contiguous (rows, count)."""
    moved = np.moveaxis(x, axis_of(layer) + 1, -1)
    return np.ascontiguousarray(moved).reshape(-1, moved.shape[-1])


def out_of_rows(layer: Layer, rows: Array, output: int = 0) -> Array:
    """(rows, any count) as (samples, *shape of the output), which has that count along the axis."""
    axis = axis_of(layer)
    shape = layer.outputs[output].shape
    others = (*shape[:axis], *shape[axis + 1 :])
    return np.ascontiguousarray(np.moveaxis(rows.reshape(-1, *others, shape[axis]), -1, axis + 1))


def _axis_violation(layer: Layer) -> str | None:
    rank, axis = len(layer.input(0).shape), layer.attributes.axis
    return None if -rank <= axis < rank else f"axis is {axis}, must be {-rank} to {rank - 1}"


def with_axis_outside(layer: Layer) -> Layer:
    """A copy whose axis is behind the input's last."""
    return _with_axis(len(layer.input(0).shape))(layer)


def _with_axis(axis: int) -> Callable[[Layer], Layer]:
    return lambda layer: layer.replace(attributes=dataclasses.replace(layer.attributes, axis=axis))


AXIS = Custom("axis is a dimension of the input", _axis_violation, with_axis_outside)


def _last_axis_violation(layer: Layer) -> str | None:
    rank, axis = len(layer.input(0).shape), layer.attributes.axis
    return None if axis in (-1, rank - 1) else f"axis is {axis}, must be the last (-1 or {rank - 1})"


LAST_AXIS = Custom("axis is the last", _last_axis_violation, _with_axis(-2))
