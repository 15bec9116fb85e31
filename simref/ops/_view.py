"""Operators that give the same bytes another shape: no element moves, no code runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simref.graph import Array, Layer, Shape
from simref.ops._movement import movement_rules
from simref.ops._op import KernelCall
from simref.ops._rules import Operands, OutputShape, Rule


def view_rules(shape: Callable[[Layer], Shape]) -> tuple[Rule, ...]:
    """The rules of an operator whose output has the input's elements in the shape that `shape` computes."""
    return (Operands(1), *movement_rules(low=0), OutputShape(lambda layer: (shape(layer),)))


def view_reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The input in the output's shape."""
    x = inputs[0]
    return (x.reshape(x.shape[0], *layer.output.shape),)


def no_kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """The output is a view of input 0."""
    return ()


def of_input_0(layer: Layer) -> tuple[int, ...]:
    """The input of which the output is a view."""
    return (0,)
