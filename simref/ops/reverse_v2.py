"""y[…, i, …] = x[…, n - 1 - i, …] along each of some axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.graph import Array, Layer
from simref.ops._movement import Move, movement_form, movement_rules
from simref.ops._op import Op, TFLiteBinding, equation_of, no_macc
from simref.ops._rules import Custom, Operands, OutputShape, same_shape
from simref.ops._stored import resolve_axis, stored_integers


@dataclass(frozen=True)
class Attributes:
    """axes: the reversed dimensions, each once, counted from the front."""

    axes: tuple[int, ...]


def attributes(options: Any, layer: Layer) -> Attributes:
    """The axes operand."""
    rank = len(layer.input(0).shape)
    return Attributes(tuple(resolve_axis(axis, rank) for axis in stored_integers(layer, 1, "axis")))


def _wrong_axes(layer: Layer) -> str | None:
    axes, rank = layer.attributes.axes, len(layer.input(0).shape)
    if len(set(axes)) == len(axes) and all(0 <= axis < rank for axis in axes):
        return None
    return f"axes are {axes}, must be some of 0 to {rank - 1}, each once"


def _with_axis_outside(layer: Layer) -> Layer:
    return layer.replace(attributes=Attributes((len(layer.input(0).shape),)))


def moves(layer: Layer, inputs: Sequence[Array], outputs: Sequence[Array]) -> Sequence[Move]:
    """The reversed input to the whole output."""
    return [Move(0, np.flip(inputs[0], tuple(axis + 1 for axis in layer.attributes.axes)), 0, outputs[0])]


OP = Op(
    name="REVERSE_V2",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(attributes=attributes, operands=1),
    macc=no_macc,
    forms=(
        movement_form(
            moves,
            Operands(1),
            *movement_rules(),
            Custom("axes are dimensions of the input, each once", _wrong_axes, _with_axis_outside),
            OutputShape(same_shape),
        ),
    ),
)
