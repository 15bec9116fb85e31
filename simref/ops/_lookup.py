"""Operators that map one 8-bit value to one value: a table of 256 results, in NumPy and in C."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simref.fixedpoint import Int64
from simref.graph import Array, Layer
from simref.ops._op import Form, KernelCall, Reference, Value
from simref.ops._rules import InputDtype, Operands, OutputDtype, OutputShape, PerTensor, Rule, same_shape

# (layer, stored input values) -> stored output values, not yet clipped to the output's dtype.
Function = Callable[[Layer, Int64], NDArray[np.number[Any]]]


UNARY_RULES: tuple[Rule, ...] = (
    Operands(1),
    InputDtype("input", 0, ("int8",)),
    OutputDtype(("int8",)),
    PerTensor(),
    OutputShape(same_shape),
)


def lookup_table(function: Function, layer: Layer) -> Array:
    """The output of `function` for every 8-bit input, clipped, indexed by the input's byte (0 to 255)."""
    values = np.arange(256, dtype=np.uint8).view(layer.input(0).dtype).astype(np.int64)
    info = np.iinfo(layer.output.dtype)
    return np.clip(function(layer, values), info.min, info.max).astype(layer.output.dtype)


def lookup_reference(function: Function) -> Reference:
    """The reference of an operator whose output element is a function of one 8-bit input element."""

    def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
        return (np.take(lookup_table(function, layer), inputs[0].view(np.uint8)),)

    return reference


def is_view(function: Function, layer: Layer) -> bool:
    """True where the output's bytes are the input's: nothing is left to compute."""
    table = lookup_table(function, layer)
    return (
        not layer.input(0).is_constant
        and table.dtype.itemsize == 1
        and np.array_equal(table.view(np.uint8), np.arange(256))
    )


def lookup_kernels(function: Function) -> Callable[[Layer], tuple[KernelCall, ...]]:
    """One call of lookup_s8 or lookup_s16, by the output's width; none where the output is the input."""

    def kernels(layer: Layer) -> tuple[KernelCall, ...]:
        if is_view(function, layer):
            return ()
        table = lookup_table(function, layer)
        kernel, stored = ("lookup_s8", np.uint8) if table.dtype.itemsize == 1 else ("lookup_s16", np.int16)
        params: dict[str, Value] = {"count": layer.output.elements, "table": table.view(stored)}
        return (KernelCall(kernel=kernel, params=params, operands=(0,)),)

    return kernels


def in_place(layer: Layer) -> tuple[int, ...]:
    """Bytes may be looked up in place."""
    fits = layer.output.dtype.itemsize == 1 and not layer.input(0).is_constant
    return (0,) if fits else ()


def lookup_form(function: Function, rounding: str, *rules: Rule) -> Form:
    """The form, for int8, of an operator whose output element is a function of one input element."""
    return Form(
        rounding=rounding,
        rules=(*UNARY_RULES, *rules),
        reference=lookup_reference(function),
        numba=None,
        kernels=lookup_kernels(function),
        in_place=in_place,
    )
