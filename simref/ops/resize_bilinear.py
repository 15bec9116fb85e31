"""y[h, w] = the mean of the 4 input pixels around (h, w), weighted by nearness.

int8: in steps of 2**-10, rounded. float32: along the columns, then along the rows, each time
low + weight * (high - low), where the product and its sum are one multiply_add.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simref.float32 import multiply_add
from simref.graph import Array, Layer
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, Value, equation_of, never_in_place, no_macc
from simref.ops._resize import (
    Attributes,
    attributes,
    exclusive_options,
    per_side,
    positions,
    resize_rules,
    tflite_coordinates,
)
from simref.ops._rules import Custom

ONE = 1 << 10


@dataclass(frozen=True, eq=False)
class Interpolation:
    """For each output index: y = ((ONE - weight) * x[low] + weight * x[high]) / ONE. Each of shape (output_size,)."""

    low: NDArray[np.int32]
    high: NDArray[np.int32]
    weight: NDArray[np.int32]


def interpolation(input_size: int, output_size: int, a: Attributes) -> Interpolation:
    """Equals TFLite `ResizeBilinearInteger`: the scale rounded to 2**-10, positions its multiples.

    Where low and high are one pixel, their weights (which TFLite lets run outside 0 to 1 at the borders) only add up:
    the weight is 0 then.
    """
    steps, span = (
        (output_size - 1, input_size - 1) if a.align_corners and output_size > 1 else (output_size, input_size)
    )
    scale = (ONE * span + steps // 2) // steps
    position = np.arange(output_size, dtype=np.int64) * scale
    if a.half_pixel_centers:
        position += scale // 2 - ONE // 2
    low = np.maximum(position, 0) // ONE
    high = np.minimum((np.maximum(position, 0) + ONE - 1) // ONE, input_size - 1)
    weight = np.where(low == high, 0, position - ONE * low)
    return Interpolation(low.astype(np.int32), high.astype(np.int32), weight.astype(np.int32))


def _outside(layer: Layer) -> str | None:
    sides = zip(layer.input(0).shape[1:3], per_side(layer, interpolation), strict=True)
    for size, table in sides:
        if table.low[-1] >= size:
            return f"takes pixel {table.low[-1]} of {size} for the last of {len(table.low)}, must stay inside the input"
    return None


def _with_pixel_outside(layer: Layer) -> Layer:
    # 70 steps of round(1024 / 70) = 15, where 14.6 would be right, end at 1035 > 1024.
    x = dataclasses.replace(layer.input(0), shape=(1, 1, 1, 1))
    return layer.replace(inputs=(x,), attributes=Attributes((70, 70), False, False))


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Rows weighted, then columns; |sum| <= 2**27. Halves round away from zero."""
    rows, columns = per_side(layer, interpolation)
    x = inputs[0].astype(np.int32)
    w = rows.weight[:, np.newaxis, np.newaxis]
    x = x[:, :, rows.low] * (ONE - w) + x[:, :, rows.high] * w
    w = columns.weight[:, np.newaxis]
    x = x[:, :, :, columns.low] * (ONE - w) + x[:, :, :, columns.high] * w
    half = ONE * ONE // 2
    return (((x + half + (x >> 31)) >> 20).astype(np.int8),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """Per output row (of all batches) and column: byte offsets of low and high, and the weight of high."""
    rows, columns = per_side(layer, interpolation)
    batches, height, width, channels = layer.input(0).shape
    image = np.repeat(np.arange(batches) * height, len(rows.low))
    low, high, weight = (np.tile(side, batches) for side in (rows.low, rows.high, rows.weight))
    params: dict[str, Value] = {
        "channels": channels,
        "output_height": batches * len(rows.low),
        "output_width": len(columns.low),
        "rows": _table((image + low) * width * channels, (image + high) * width * channels, weight),
        "columns": _table(columns.low * channels, columns.high * channels, columns.weight),
    }
    return (KernelCall(kernel="resize_bilinear_s8", params=params, operands=(0,)),)


@dataclass(frozen=True, eq=False)
class FloatInterpolation:
    """For each output index: y = x[low] + weight * (x[high] - x[low]). Each of shape (output_size,)."""

    low: NDArray[np.int32]
    high: NDArray[np.int32]
    weight: NDArray[np.float32]


def float_interpolations(layer: Layer) -> tuple[FloatInterpolation, FloatInterpolation]:
    """Of the rows and of the columns. Positions are computed in float64; beyond the border they are on it."""
    rows, columns = positions(layer, np.float64)
    _, height, width, _ = layer.input(0).shape
    return _between(rows, height), _between(columns, width)


def _between(positions: NDArray[np.float64], size: int) -> FloatInterpolation:
    inside = np.clip(positions, 0, size - 1)
    low = np.floor(inside)
    high = np.minimum(low + 1, size - 1)
    return FloatInterpolation(low.astype(np.int32), high.astype(np.int32), (inside - low).astype(np.float32))


def float_reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Columns, then rows."""
    rows, columns = float_interpolations(layer)
    left, right = inputs[0][:, :, :, columns.low], inputs[0][:, :, :, columns.high]
    with np.errstate(all="ignore"):
        x = multiply_add(columns.weight[:, np.newaxis], right - left, left, layer.fused)
        top, bottom = x[:, :, rows.low], x[:, :, rows.high]
        return (multiply_add(rows.weight[:, np.newaxis, np.newaxis], bottom - top, top, layer.fused),)


def float_kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """Per output row (of all batches) and column: offsets of low and high in elements, and the weight of high."""
    rows, columns = float_interpolations(layer)
    batches, height, width, channels = layer.input(0).shape
    row, image = width * channels, np.repeat(np.arange(batches) * height, len(rows.low))
    low, high = ((image + np.tile(side, batches)) * row for side in (rows.low, rows.high))
    params: dict[str, Value] = {
        "channels": channels,
        "output_height": batches * len(rows.low),
        "output_width": len(columns.low),
        "rows": np.stack([low, high], axis=1).astype(np.int32).ravel(),
        "columns": np.stack([columns.low, columns.high], axis=1).ravel() * np.int32(channels),
        "row_weights": np.tile(rows.weight, batches),
        "column_weights": columns.weight,
    }
    return (KernelCall(kernel="resize_bilinear_f32", params=params, operands=(0,)),)


def _table(low: Array, high: Array, weight: Array) -> Array:
    return np.stack([low, high, weight], axis=1).astype(np.int32).ravel()


OP = Op(
    name="RESIZE_BILINEAR",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="ResizeBilinearOptions", attributes=attributes, operands=1),
    macc=no_macc,
    forms=(
        Form(
            rounding="once, half away from zero, of an exact sum",
            rules=resize_rules(
                ("int8",),
                tflite_coordinates(),
                exclusive_options(),
                Custom("interpolation with the rounded scale stays inside the input", _outside, _with_pixel_outside),
            ),
            reference=reference,
            numba=None,
            kernels=kernels,
            in_place=never_in_place,
        ),
        Form(
            rounding="float32: each difference, each multiply-add",
            rules=resize_rules(("float32",), exclusive_options()),
            reference=float_reference,
            numba=None,
            kernels=float_kernels,
            in_place=never_in_place,
        ),
    ),
)
