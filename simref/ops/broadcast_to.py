"""y = x repeated along its dimensions of size 1, and along new leading ones, to the shape asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.graph import Array, Layer, Shape
from simref.ops._movement import Move, movement_form, movement_rules
from simref.ops._op import Op, TFLiteBinding, equation_of, no_macc
from simref.ops._rules import Custom, Operands, OutputShape
from simref.ops._stored import stored_integers
from simref.ops._strided import MAX_RANK


@dataclass(frozen=True)
class Attributes:
    """shape: the output's."""

    shape: Shape


def attributes(options: Any, layer: Layer) -> Attributes:
    """The shape operand."""
    return Attributes(stored_integers(layer, 1, "shape"))


def _misfit(layer: Layer) -> str | None:
    x, y = layer.input(0).shape, layer.attributes.shape
    fits = len(x) <= len(y) <= MAX_RANK and all(
        size >= 1 and n in (1, size) for n, size in zip(reversed(x), reversed(y), strict=False)
    )
    return None if fits else f"shape is {y}, must be one of at most {MAX_RANK} dimensions that {x} broadcasts to"


def _with_other_shape(layer: Layer) -> Layer:
    shape = (*layer.attributes.shape[:-1], layer.attributes.shape[-1] + 1)
    x = dataclasses.replace(layer.input(0), shape=layer.attributes.shape)
    return layer.replace(inputs=(x,), attributes=Attributes(shape))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The shape asked for."""
    return (layer.attributes.shape,)


def moves(layer: Layer, inputs: Sequence[Array], outputs: Sequence[Array]) -> Sequence[Move]:
    """The broadcast input to the whole output."""
    x, shape = inputs[0], layer.attributes.shape
    aligned = x.reshape(x.shape[0], *(1,) * (len(shape) + 1 - x.ndim), *x.shape[1:])
    return [Move(0, np.broadcast_to(aligned, (x.shape[0], *shape)), 0, outputs[0])]


OP = Op(
    name="BROADCAST_TO",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(attributes=attributes, operands=1),
    macc=no_macc,
    forms=(
        movement_form(
            moves,
            Operands(1),
            *movement_rules(low=0),
            Custom("the input's shape broadcasts to the one asked for", _misfit, _with_other_shape),
            OutputShape(output_shapes),
        ),
    ),
)
