"""What the two ways to resize images share: NHWC in, NHWC out, another height and width."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simref.errors import ModelError
from simref.graph import Layer, Shape
from simref.ops._movement import movement_rules
from simref.ops._rules import Custom, InRange, Operands, OutputShape, Rule
from simref.ops._stored import stored_integers

MAX_SIZE = 65535


@dataclass(frozen=True)
class Attributes:
    """size: the output's height and width.

    align_corners: the corner pixels' centres of input and output coincide. half_pixel_centers: pixel i has its
    centre at i + 1/2.
    """

    size: tuple[int, int]
    align_corners: bool
    half_pixel_centers: bool


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


def exclusive_options() -> Rule:
    """align_corners and half_pixel_centers exclude each other, in TFLite too."""

    def violation(layer: Layer) -> str | None:
        both = layer.attributes.align_corners and layer.attributes.half_pixel_centers
        return "has align_corners and half_pixel_centers, must have one of them at most" if both else None

    def with_both(layer: Layer) -> Layer:
        both = dataclasses.replace(layer.attributes, align_corners=True, half_pixel_centers=True)
        return layer.replace(attributes=both)

    return Custom("align_corners and half_pixel_centers are not both set", violation, with_both)
