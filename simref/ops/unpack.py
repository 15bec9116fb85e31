"""y[k] = x[…, k, …], the dimension `axis` dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simref.graph import Array, Layer, Shape
from simref.ops._movement import Move, movement_kernels, movement_reference, movement_rules, view_in_place
from simref.ops._op import Form, Op, TFLiteBinding, equation_of, no_macc
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
    forms=(
        Form(
            rounding="none: data movement",
            rules=(Operands(1), *movement_rules(), OutputShape(output_shapes)),
            reference=movement_reference(moves),
            numba=None,
            kernels=movement_kernels(moves),
            in_place=view_in_place(moves),
        ),
    ),
)
