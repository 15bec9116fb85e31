"""Operators that give the same bytes another shape: no element moves, no code runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simref.graph import Array, Layer, Shape
from simref.ops._movement import movement_rules
from simref.ops._op import Form, KernelCall
from simref.ops._rules import Operands, OutputShape


def view_form(shape: Callable[[Layer], Shape]) -> Form:
    """The form of an operator whose output has the input's elements in the shape that `shape` computes."""
    return Form(
        rounding="none: data movement",
        rules=(Operands(1), *movement_rules(low=0), OutputShape(lambda layer: (shape(layer),))),
        reference=_reshaped,
        numba=None,
        kernels=_no_kernels,
        in_place=_of_input_0,
    )


def _reshaped(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    x = inputs[0]
    return (x.reshape(x.shape[0], *layer.output.shape),)


def _no_kernels(layer: Layer) -> tuple[KernelCall, ...]:
    return ()


def _of_input_0(layer: Layer) -> tuple[int, ...]:
    return (0,)
