"""y[i[p[0]], i[p[1]], …] = x[i[0], i[1], …]: dimension d of y is dimension p[d] of x."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simref.errors import ModelError
from simref.graph import Array, Layer, Shape
from simref.ops._movement import Move, movement_form, movement_rules
from simref.ops._op import Op, TFLiteBinding, equation_of, no_macc
from simref.ops._rules import Operands, OutputShape
from simref.ops._stored import resolve_axis, stored_integers


@dataclass(frozen=True)
class Attributes:
    """permutation: for each dimension of the output, which one of the input it is."""

    permutation: tuple[int, ...]


def attributes(options: Any, layer: Layer) -> Attributes:
    """The permutation operand, its negative axes resolved."""
    rank = len(layer.input(0).shape)
    stored = stored_integers(layer, 1, "permutation", length=rank)
    permutation = tuple(resolve_axis(axis, rank, "permutation") for axis in stored)
    if len(set(permutation)) != rank:
        raise ModelError(f"permutation is {stored}, must name each of {rank} dimensions once")
    return Attributes(permutation)


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The input's dimensions, permuted."""
    return (tuple(layer.input(0).shape[axis] for axis in layer.attributes.permutation),)


def moves(layer: Layer, inputs: Sequence[Array], outputs: Sequence[Array]) -> Sequence[Move]:
    """The permuted input to the whole output."""
    axes = (0, *(axis + 1 for axis in layer.attributes.permutation))
    return [Move(0, inputs[0].transpose(axes), 0, outputs[0])]


OP = Op(
    name="TRANSPOSE",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(attributes=attributes, operands=1),
    macc=no_macc,
    forms=(movement_form(moves, Operands(1), *movement_rules(), OutputShape(output_shapes)),),
)
