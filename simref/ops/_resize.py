"""What the two ways to resize images share: NHWC in, NHWC out, another height and width."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from simref.errors import ModelError
from simref.graph import Layer, Shape
from simref.ops._movement import movement_rules
from simref.ops._rules import Custom, InRange, Operands, OutputShape, Rule
from simref.ops._stored import stored_integers

MAX_SIZE = 65535
Float = TypeVar("Float", np.float32, np.float64)


Coordinates = Literal["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"]
Nearest = Literal["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]


@dataclass(frozen=True)
class Attributes:
    """size: the output's height and width.

    align_corners: the corner pixels' centres of input and output coincide. half_pixel_centers: pixel i has its
    centre at i + 1/2.
    coordinates: where an output pixel lies in the input, as ONNX names it; the two options above are then not read.
    None: as these options say and TFLite computes.
    nearest: how RESIZE_NEAREST_NEIGHBOR rounds such a place to a pixel, as ONNX names it; not read without
    `coordinates`.
    scales: output height and width per input height and width where they are not the sizes' ratios; only read with
    `coordinates`.
    """

    size: tuple[int, int]
    align_corners: bool = False
    half_pixel_centers: bool = False
    coordinates: Coordinates | None = None
    nearest: Nearest = "round_prefer_floor"
    scales: tuple[float, float] | None = None


def attributes(options: Any, layer: Layer) -> Attributes:
    """The size operand and the two options."""
    height, width = stored_integers(layer, 1, "size", length=2)
    if len(layer.input(0).shape) != 4:
        raise ModelError(f"input has {len(layer.input(0).shape)} dimensions, must have 4")
    return Attributes((height, width), bool(options.AlignCorners()), bool(options.HalfPixelCenters()))


def resize_rules(dtypes: tuple[str, ...], *rules: Rule) -> tuple[Rule, ...]:
    """The rules of both operators, with the further ones of one of them before the output's shape."""
    return (
        Operands(1),
        *movement_rules(low=4, high=4, dtypes=dtypes),
        InRange("size", 1, MAX_SIZE),
        positive_scales(),
        *rules,
        OutputShape(_output_shapes),
    )


def _output_shapes(layer: Layer) -> tuple[Shape, ...]:
    batches, _, _, channels = layer.input(0).shape
    return ((batches, *layer.attributes.size, channels),)


def per_side(layer: Layer, table: Callable[[int, int, Attributes], Any]) -> tuple[Any, Any]:
    """`table(input size, output size, attributes)` of the height and of the width."""
    _, height, width, _ = layer.input(0).shape
    a: Attributes = layer.attributes
    return table(height, a.size[0], a), table(width, a.size[1], a)


def positions(layer: Layer, dtype: type[Float]) -> tuple[NDArray[Float], NDArray[Float]]:
    """Where each output row and column lies in the input, computed in `dtype` in the order of ONNX Runtime."""
    a: Attributes = layer.attributes
    coordinates = a.coordinates or _coordinates_of_options(a)
    _, height, width, _ = layer.input(0).shape
    scales = a.scales if a.coordinates and a.scales else (None, None)
    rows, columns = (
        _side_positions(coordinates, dtype(before), dtype(after), None if scale is None else dtype(scale))
        for before, after, scale in zip((height, width), a.size, scales, strict=True)
    )
    return rows, columns


def _coordinates_of_options(a: Attributes) -> Coordinates:
    if a.align_corners:
        return "align_corners"
    return "half_pixel" if a.half_pixel_centers else "asymmetric"


def _side_positions(coordinates: Coordinates, before: Float, after: Float, scale: Float | None) -> NDArray[Float]:
    """before, after: pixels of input and output; the positions have their dtype."""
    index = np.arange(after, dtype=before.dtype)
    half = before.dtype.type(0.5)
    factor = after / before if scale is None else scale
    if coordinates == "asymmetric":
        return index / factor
    if coordinates == "align_corners":
        return index * (before - 1) / max(after - 1, before.dtype.type(1))
    if coordinates == "pytorch_half_pixel" and after == 1:
        return index
    places: NDArray[Float] = (index + half) / factor
    if coordinates == "half_pixel_symmetric":
        # The centres of both images coincide, even where the scale makes no whole size.
        places = before * half * (1 - after / (factor * before)) + places
    return places - half


def positive_scales() -> Rule:
    """Scales are positive, finite numbers."""

    def violation(layer: Layer) -> str | None:
        scales = layer.attributes.scales
        good = scales is None or all(0 < scale < float("inf") for scale in scales)
        return None if good else f"scales are {scales}, must be positive"

    def with_scale_zero(layer: Layer) -> Layer:
        return layer.replace(attributes=dataclasses.replace(layer.attributes, scales=(0.0, 0.0)))

    return Custom("scales are positive", violation, with_scale_zero)


def tflite_coordinates() -> Rule:
    """The positions are TFLite's."""

    def violation(layer: Layer) -> str | None:
        found = layer.attributes.coordinates
        return f"coordinates are {found}, must be TFLite's for {layer.input(0).dtype}" if found else None

    def with_other_ones(layer: Layer) -> Layer:
        return layer.replace(attributes=dataclasses.replace(layer.attributes, coordinates="pytorch_half_pixel"))

    return Custom("coordinates are given by TFLite's two options", violation, with_other_ones)


def exclusive_options() -> Rule:
    """align_corners and half_pixel_centers exclude each other, in TFLite too."""

    def violation(layer: Layer) -> str | None:
        both = layer.attributes.align_corners and layer.attributes.half_pixel_centers
        return "has align_corners and half_pixel_centers, must have one of them at most" if both else None

    def with_both(layer: Layer) -> Layer:
        both = dataclasses.replace(layer.attributes, align_corners=True, half_pixel_centers=True)
        return layer.replace(attributes=both)

    return Custom("align_corners and half_pixel_centers are not both set", violation, with_both)
