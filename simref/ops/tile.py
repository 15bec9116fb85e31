"""y[…, i, …] = x[…, i mod n, …] along every dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.graph import Array, Layer, Shape
from simref.ops._movement import Move, movement_form, movement_rules
from simref.ops._op import Op, TFLiteBinding, equation_of, no_macc
from simref.ops._rules import Custom, Operands, OutputShape
from simref.ops._stored import stored_integers


@dataclass(frozen=True)
class Attributes:
    """multiples: how often x is repeated along each of its dimensions."""

    multiples: tuple[int, ...]


def attributes(options: Any, layer: Layer) -> Attributes:
    """The multiples operand."""
    return Attributes(stored_integers(layer, 1, "multiples", length=len(layer.input(0).shape)))


def _wrong_multiples(layer: Layer) -> str | None:
    multiples, rank = layer.attributes.multiples, len(layer.input(0).shape)
    if len(multiples) == rank and all(multiple >= 1 for multiple in multiples):
        return None
    return f"multiples are {multiples}, must be {rank} positive numbers"


def _with_multiple_of_zero(layer: Layer) -> Layer:
    return layer.replace(attributes=Attributes((0,) * len(layer.input(0).shape)))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The input's dimensions, multiplied."""
    return (tuple(n * times for n, times in zip(layer.input(0).shape, layer.attributes.multiples, strict=True)),)


def moves(layer: Layer, inputs: Sequence[Array], outputs: Sequence[Array]) -> Sequence[Move]:
    """The input, with a dimension of stride 0 before each of its own, to the output seen with as many."""
    x, y = inputs[0], outputs[0]
    sides = zip(layer.attributes.multiples, x.shape[1:], strict=True)
    target = y.reshape(y.shape[0], *(size for pair in sides for size in pair))
    source = np.expand_dims(x, tuple(range(1, target.ndim, 2)))
    return [Move(0, np.broadcast_to(source, (x.shape[0], *target.shape[1:])), 0, target)]


OP = Op(
    name="TILE",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(attributes=attributes, operands=1),
    macc=no_macc,
    forms=(
        movement_form(
            moves,
            Operands(1),
            *movement_rules(),
            Custom("multiples are positive, one for each dimension", _wrong_multiples, _with_multiple_of_zero),
            OutputShape(output_shapes),
        ),
    ),
)
