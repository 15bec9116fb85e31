"""y[h, w] = the mean of the 4 x 4 input pixels around (h, w), weighted by cubics of the distance.

float32: along the columns, then along the rows, each sum from left to right: a product, then three multiply_adds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simref.float32 import multiply_add
from simref.graph import Array, Layer
from simref.ops import _resize
from simref.ops._op import Form, KernelCall, Op, Value, equation_of, never_in_place, no_macc
from simref.ops._resize import exclusive_options, positions, resize_rules
from simref.ops._rules import Custom

TAPS = 4  # SIMREF_CUBIC_TAPS of runtime_c/resize_cubic_f32.h


@dataclass(frozen=True)
class Attributes(_resize.Attributes):
    """coefficient: the slope of the cubics at distance 1: -0.75 in ONNX and PyTorch, -0.5 in TensorFlow.

    exclude_outside: pixels outside the input weigh nothing and the others more; else the border is repeated.
    """

    coefficient: float = -0.75
    exclude_outside: bool = False


@dataclass(frozen=True, eq=False)
class Interpolation:
    """For each output index: y = sum over k of weight[k] * x[pixel[k]]. Both of shape (output_size, TAPS)."""

    pixel: NDArray[np.int32]
    weight: NDArray[np.float32]


def interpolations(layer: Layer) -> tuple[Interpolation, Interpolation]:
    """Of the rows and of the columns, computed in float64."""
    rows, columns = positions(layer, np.float64)
    _, height, width, _ = layer.input(0).shape
    return _around(rows, height, layer.attributes), _around(columns, width, layer.attributes)


def _around(position: NDArray[np.float64], size: int, a: Attributes) -> Interpolation:
    first = np.floor(position)[:, np.newaxis] - 1
    pixel = first + np.arange(TAPS)
    weight = _cubic(np.abs(pixel - position[:, np.newaxis]), a.coefficient)
    if a.exclude_outside:
        weight = np.where((pixel >= 0) & (pixel < size), weight, 0)
        with np.errstate(all="ignore"):
            weight /= weight.sum(axis=1, keepdims=True)
    return Interpolation(np.clip(pixel, 0, size - 1).astype(np.int32), weight.astype(np.float32))


def _cubic(distance: NDArray[np.float64], a: float) -> NDArray[np.float64]:
    """Keys' convolution kernel (1981) of distances 0 to 2."""
    near = ((a + 2) * distance - (a + 3)) * distance**2 + 1
    far = ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
    return np.where(distance <= 1, near, far)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Columns, then rows."""
    rows, columns = interpolations(layer)
    with np.errstate(all="ignore"):
        x = _along(inputs[0], 3, columns, layer.fused)
        return (_along(x, 2, rows, layer.fused),)


def _along(x: Array, axis: int, table: Interpolation, fused: bool) -> Array:
    """The weighted sums along an axis of (samples, n, h, w, c)."""
    shape = tuple(-1 if k == axis else 1 for k in range(x.ndim))
    weights = [table.weight[:, k].reshape(shape) for k in range(TAPS)]
    parts = [np.take(x, table.pixel[:, k], axis) for k in range(TAPS)]
    total: Array = weights[0] * parts[0]
    for weight, part in zip(weights[1:], parts[1:], strict=True):
        total = multiply_add(weight, part, total, fused)
    return total


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """Per output row (of all batches) and column: the offsets of four pixels in elements, and their weights."""
    rows, columns = interpolations(layer)
    batches, height, width, channels = layer.input(0).shape
    image = np.arange(batches)[:, np.newaxis, np.newaxis] * height
    params: dict[str, Value] = {
        "channels": channels,
        "output_height": batches * len(rows.pixel),
        "output_width": len(columns.pixel),
        "rows": ((image + rows.pixel) * width * channels).ravel().astype(np.int32),
        "columns": columns.pixel.ravel() * np.int32(channels),
        "row_weights": np.tile(rows.weight, (batches, 1)).ravel(),
        "column_weights": columns.weight.ravel(),
    }
    return (KernelCall(kernel="resize_cubic_f32", params=params, operands=(0,)),)


def _wrong_coefficient(layer: Layer) -> str | None:
    found = layer.attributes.coefficient
    return None if -2 <= found <= 0 else f"coefficient is {found}, must be -2 to 0"


def _with_positive_coefficient(layer: Layer) -> Layer:
    return layer.replace(attributes=dataclasses.replace(layer.attributes, coefficient=1.0))


def _all_outside(layer: Layer) -> str | None:
    if not layer.attributes.exclude_outside:
        return None
    sides = zip(interpolations(layer), layer.input(0).shape[1:3], strict=True)
    lost = [size for table, size in sides if not np.isfinite(table.weight).all()]
    return f"some of the output lies outside the input's {lost[0]} pixels, must be inside" if lost else None


def _with_far_pixels(layer: Layer) -> Layer:
    far = dataclasses.replace(layer.attributes, coordinates="asymmetric", scales=(1e-3, 1e-3), exclude_outside=True)
    return layer.replace(attributes=far)


OP = Op(
    name="RESIZE_CUBIC",
    equation=equation_of(__doc__),
    tflite=None,
    macc=no_macc,
    forms=(
        Form(
            rounding="float32: each product and multiply-add",
            rules=resize_rules(
                ("float32",),
                exclusive_options(),
                Custom("coefficient is -2 to 0", _wrong_coefficient, _with_positive_coefficient),
                Custom("with exclude_outside each output pixel has input pixels", _all_outside, _with_far_pixels),
            ),
            reference=reference,
            numba=None,
            kernels=kernels,
            in_place=never_in_place,
        ),
    ),
)
