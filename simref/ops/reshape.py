"""y = x in another shape, elements in row-major order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from simref.errors import ModelError
from simref.graph import Layer, Shape
from simref.ops._op import Op, TFLiteBinding, equation_of, no_macc
from simref.ops._stored import stored_integers
from simref.ops._view import view_form


@dataclass(frozen=True)
class Attributes:
    """shape: the output's, with no dimension left open."""

    shape: Shape


def attributes(options: Any, layer: Layer) -> Attributes:
    """The shape operand where it is a vector, as TFLite prefers it, else the options' shape; -1 is resolved."""
    operand = layer.optional_input(1)
    if operand is not None and len(operand.shape) == 1:
        shape = stored_integers(layer, 1, "shape")
    elif options is not None and not options.NewShapeIsNone():
        shape = tuple(int(options.NewShape(i)) for i in range(options.NewShapeLength()))
        # Files of the first converters state a scalar so.
        shape = () if shape == (0,) else shape
    else:
        raise ModelError("has no shape, neither as an input nor in its options")
    return Attributes(_resolved(shape, layer.input(0).elements))


def _resolved(shape: Shape, elements: int) -> Shape:
    if shape.count(-1) > 1 or any(size < -1 for size in shape):
        raise ModelError(f"shape is {shape}, must be positive with at most one -1")
    known = math.prod(size for size in shape if size != -1)
    if known == 0 or elements % known or (-1 not in shape and known != elements):
        raise ModelError(f"shape is {shape}, must hold the input's {elements} elements")
    return tuple(elements // known if size == -1 else size for size in shape)


def output_shape(layer: Layer) -> Shape:
    """The shape asked for."""
    shape: Shape = layer.attributes.shape
    return shape


OP = Op(
    name="RESHAPE",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="ReshapeOptions", attributes=attributes, operands=1),
    macc=no_macc,
    forms=(view_form(output_shape),),
)
