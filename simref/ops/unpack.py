"""y[k] = x[…, k, …], the dimension `axis` dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simref.graph import Array, Layer, Shape
from simref.ops._movement import Move, movement_form, movement_rules
from simref.ops._op import Op, TFLiteBinding, equation_of, no_macc
from simref.ops._rules import Operands, OutputShape
from simref.ops._stored import resolve_axis


@dataclass(frozen=True)
class Attributes:
    """axis: counted from the front."""

    axis: int


def attributes(options: Any, layer: Layer) -> Attributes:
    """The options' axis."""
    return Attributes(resolve_axis(options.Axis(), len(layer.input(0).shape)))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The input's shape without the axis, once for each of its indices."""
    axis = int(layer.attributes.axis)
    shape = layer.input(0).shape
    return ((*shape[:axis], *shape[axis + 1 :]),) * shape[axis]


def moves(layer: Layer, inputs: Sequence[Array], outputs: Sequence[Array]) -> Sequence[Move]:
    """Each index of the axis to its output."""
    before = (slice(None),) * (layer.attributes.axis + 1)
    return [Move(0, inputs[0][(*before, k)], k, y) for k, y in enumerate(outputs)]


OP = Op(
    name="UNPACK",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="UnpackOptions", attributes=attributes),
    macc=no_macc,
    forms=(movement_form(moves, Operands(1), *movement_rules(), OutputShape(output_shapes)),),
)
