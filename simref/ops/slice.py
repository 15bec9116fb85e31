"""y[i] = x[begin + i] along every dimension."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simref.errors import ModelError
from simref.graph import Array, Layer, Shape
from simref.ops._movement import Move, movement_form, movement_rules
from simref.ops._op import Op, TFLiteBinding, equation_of, no_macc
from simref.ops._rules import Custom, Operands, OutputShape
from simref.ops._slicing import strided_box
from simref.ops._stored import stored_integers


@dataclass(frozen=True)
class Attributes:
    """begin, size: the first element and how many, along each dimension of the input."""

    begin: tuple[int, ...]
    size: tuple[int, ...]


def attributes(options: Any, layer: Layer) -> Attributes:
    """The begin and size operands; a size of -1 reaches to the end."""
    shape = layer.input(0).shape
    begin = stored_integers(layer, 1, "begin", length=len(shape))
    size = stored_integers(layer, 2, "size", length=len(shape))
    if any(s < -1 for s in size):
        raise ModelError(f"size is {size}, must be positive, or -1 for all that follows")
    return Attributes(begin, tuple(n - b if s == -1 else s for n, b, s in zip(shape, begin, size, strict=True)))


def _outside(layer: Layer) -> str | None:
    begin, size, shape = layer.attributes.begin, layer.attributes.size, layer.input(0).shape
    if not len(begin) == len(size) == len(shape):
        return f"begin and size have {len(begin)} and {len(size)} elements, must have {len(shape)}"
    if all(b >= 0 and s >= 1 and b + s <= n for b, s, n in zip(begin, size, shape, strict=True)):
        return None
    return f"begin {begin} and size {size} are not inside the input {shape}, must be"


def _with_begin_outside(layer: Layer) -> Layer:
    return layer.replace(attributes=dataclasses.replace(layer.attributes, begin=layer.input(0).shape))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The size asked for."""
    return (layer.attributes.size,)


def moves(layer: Layer, inputs: Sequence[Array], outputs: Sequence[Array]) -> Sequence[Move]:
    """The box to the whole output."""
    begin, size = layer.attributes.begin, layer.attributes.size
    return [Move(0, strided_box(inputs[0], begin, size, (1,) * len(size)), 0, outputs[0])]


OP = Op(
    name="SLICE",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(attributes=attributes, operands=1),
    macc=no_macc,
    forms=(
        movement_form(
            moves,
            Operands(1),
            *movement_rules(),
            Custom("the slice lies inside the input", _outside, _with_begin_outside),
            OutputShape(output_shapes),
        ),
    ),
)
