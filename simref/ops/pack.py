"""y[…, k, …] = the k-th input, along a new dimension `axis`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simref.graph import Array, Layer, Shape
from simref.ops._movement import (
    Move,
    movement_form,
    movement_rules,
    reshaped_last_input,
)
from simref.ops._op import Op, TFLiteBinding, equation_of, no_macc
from simref.ops._rules import Custom, Operands, OutputShape
from simref.ops._stored import resolve_axis

MAX_INPUTS = 64


@dataclass(frozen=True)
class Attributes:
    """axis: where the new dimension stands in the output, counted from the front."""

    axis: int


def attributes(options: Any, layer: Layer) -> Attributes:
    """The options' axis, resolved against the output's rank."""
    return Attributes(resolve_axis(options.Axis(), len(layer.input(0).shape) + 1))


def _misfit(layer: Layer) -> str | None:
    first = layer.input(0).shape
    for tensor in layer.inputs[1:]:
        shape = None if tensor is None else tensor.shape
        if shape != first:
            return f"input shapes are {first} and {shape}, must be equal"
    return None


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The inputs' shape with their number inserted."""
    shape, axis = layer.input(0).shape, layer.attributes.axis
    return ((*shape[:axis], len(layer.inputs), *shape[axis:]),)


def moves(layer: Layer, inputs: Sequence[Array], outputs: Sequence[Array]) -> Sequence[Move]:
    """Each input to its index of the new dimension."""
    before = (slice(None),) * (layer.attributes.axis + 1)
    return [Move(k, x, 0, outputs[0][(*before, k)]) for k, x in enumerate(inputs)]


OP = Op(
    name="PACK",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="PackOptions", attributes=attributes),
    macc=no_macc,
    forms=(
        movement_form(
            moves,
            Operands(1, MAX_INPUTS),
            *movement_rules("inputs", low=0),
            Custom("the inputs have one shape", _misfit, reshaped_last_input),
            OutputShape(output_shapes),
        ),
    ),
)
