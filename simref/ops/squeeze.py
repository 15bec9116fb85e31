"""y = x without its dimensions of size 1, or without the listed ones of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simref.errors import ModelError
from simref.graph import Layer, Shape
from simref.ops._op import Op, TFLiteBinding, equation_of, no_macc
from simref.ops._stored import resolve_axis
from simref.ops._view import view_form


@dataclass(frozen=True)
class Attributes:
    """axes: the input's dimensions to drop, counted from the front, ascending."""

    axes: tuple[int, ...]


def attributes(options: Any, layer: Layer) -> Attributes:
    """The options' axes; without any, every dimension of size 1."""
    shape = layer.input(0).shape
    listed = () if options is None else [int(options.SqueezeDims(i)) for i in range(options.SqueezeDimsLength())]
    axes = {resolve_axis(axis, len(shape), "squeeze_dims") for axis in listed}
    if not listed:
        axes = {axis for axis, size in enumerate(shape) if size == 1}
    wide = [axis for axis in axes if shape[axis] != 1]
    if wide:
        raise ModelError(f"squeeze_dims names dimension {wide[0]} of size {shape[wide[0]]}, must be of size 1")
    return Attributes(tuple(sorted(axes)))


def output_shape(layer: Layer) -> Shape:
    """The input's shape without the dropped dimensions."""
    return tuple(size for axis, size in enumerate(layer.input(0).shape) if axis not in layer.attributes.axes)


OP = Op(
    name="SQUEEZE",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="SqueezeOptions", attributes=attributes, operands=1),
    macc=no_macc,
    forms=(view_form(output_shape),),
)
