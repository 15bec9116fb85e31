"""y[k] = the k-th of equal parts of x along `axis`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simref.graph import Array, Layer, Shape
from simref.ops._movement import Move, movement_form, movement_rules
from simref.ops._op import Op, TFLiteBinding, equation_of, no_macc
from simref.ops._rules import Custom, Operands, OutputShape
from simref.ops._stored import resolve_axis, stored_integers


@dataclass(frozen=True)
class Attributes:
    """axis: counted from the front. parts: how many."""

    axis: int
    parts: int


def attributes(options: Any, layer: Layer) -> Attributes:
    """The axis, which TFLite stores as input 0, before the data, and the options' number of parts."""
    (axis,) = stored_integers(layer, 0, "axis", length=1)
    return Attributes(resolve_axis(axis, len(layer.input(1).shape)), int(options.NumSplits()))


def _uneven(layer: Layer) -> str | None:
    size, parts = layer.input(0).shape[layer.attributes.axis], layer.attributes.parts
    return None if parts >= 1 and size % parts == 0 else f"splits {size} into {parts} parts, must be equal parts"


def _with_uneven_parts(layer: Layer) -> Layer:
    parts = layer.input(0).shape[layer.attributes.axis] + 1
    return layer.replace(attributes=dataclasses.replace(layer.attributes, parts=parts))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The input's shape with a part of the axis, once for each part."""
    axis, parts = int(layer.attributes.axis), int(layer.attributes.parts)
    shape = layer.input(0).shape
    return ((*shape[:axis], shape[axis] // parts, *shape[axis + 1 :]),) * parts


def moves(layer: Layer, inputs: Sequence[Array], outputs: Sequence[Array]) -> Sequence[Move]:
    """Each part to its output."""
    along = layer.attributes.axis + 1
    x, part = inputs[0].swapaxes(0, along), outputs[0].shape[along]
    return [Move(0, x[k * part : (k + 1) * part].swapaxes(0, along), k, y) for k, y in enumerate(outputs)]


OP = Op(
    name="SPLIT",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="SplitOptions", attributes=attributes, operands=(1,)),
    macc=no_macc,
    forms=(
        movement_form(
            moves,
            Operands(1),
            *movement_rules(),
            Custom("the parts are equal", _uneven, _with_uneven_parts),
            OutputShape(output_shapes),
        ),
    ),
)
