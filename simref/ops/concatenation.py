"""y = the inputs one behind the other along `axis`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from simref.errors import ModelError
from simref.graph import Array, Layer, Shape
from simref.ops._activation import Activation, activation_from_tflite
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
    """axis: counted from the front."""

    axis: int


def attributes(options: Any, layer: Layer) -> Attributes:
    """The options' axis; TFLite's kernel refuses a fused activation too."""
    if activation_from_tflite(options.FusedActivationFunction()) is not Activation.NONE:
        raise ModelError("has a fused activation, must have none")
    return Attributes(resolve_axis(options.Axis(), len(layer.input(0).shape)))


def _misfit(layer: Layer) -> str | None:
    axis, first = layer.attributes.axis, layer.input(0).shape
    for tensor in layer.inputs[1:]:
        shape = () if tensor is None else tensor.shape
        if (*shape[:axis], *shape[axis + 1 :]) != (*first[:axis], *first[axis + 1 :]) or len(shape) != len(first):
            return f"input shapes are {first} and {shape}, must agree but for dimension {axis}"
    return None


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The first input's shape with the sum of the inputs' sizes along the axis."""
    axis, first = layer.attributes.axis, layer.input(0).shape
    total = sum(layer.input(i).shape[axis] for i in range(len(layer.inputs)))
    return ((*first[:axis], total, *first[axis + 1 :]),)


def moves(layer: Layer, inputs: Sequence[Array], outputs: Sequence[Array]) -> Sequence[Move]:
    """Each input to its slice of the output."""
    along = layer.attributes.axis + 1
    ends = list(accumulate(x.shape[along] for x in inputs))
    target = outputs[0].swapaxes(0, along)
    return [
        Move(i, x, 0, target[end - x.shape[along] : end].swapaxes(0, along))
        for i, (x, end) in enumerate(zip(inputs, ends, strict=True))
    ]


OP = Op(
    name="CONCATENATION",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="ConcatenationOptions", attributes=attributes),
    macc=no_macc,
    forms=(
        movement_form(
            moves,
            Operands(1, MAX_INPUTS),
            *movement_rules("inputs"),
            Custom("the inputs' shapes agree in all dimensions but `axis`", _misfit, reshaped_last_input),
            OutputShape(output_shapes),
        ),
    ),
)
