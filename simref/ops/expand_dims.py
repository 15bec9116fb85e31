"""y = x with a dimension of size 1 inserted at `axis`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simref.graph import Layer, Shape
from simref.ops._op import Op, TFLiteBinding, equation_of, no_macc
from simref.ops._stored import resolve_axis, stored_integers
from simref.ops._view import view_form


@dataclass(frozen=True)
class Attributes:
    """axis: where the new dimension stands in the output, counted from the front."""

    axis: int


def attributes(options: Any, layer: Layer) -> Attributes:
    """The axis operand, resolved against the output's rank."""
    (axis,) = stored_integers(layer, 1, "axis", length=1)
    return Attributes(resolve_axis(axis, len(layer.input(0).shape) + 1))


def output_shape(layer: Layer) -> Shape:
    """The input's shape with a 1 inserted."""
    shape, axis = layer.input(0).shape, layer.attributes.axis
    return (*shape[:axis], 1, *shape[axis:])


OP = Op(
    name="EXPAND_DIMS",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(attributes=attributes, operands=1),
    macc=no_macc,
    forms=(view_form(output_shape),),
)
