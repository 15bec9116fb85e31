"""Forms of two operands that broadcast, over numbers that are not quantized: float32, int32, int64 and bool."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from simref.graph import Array, Layer
from simref.ops._activation import Activation, activation_macc
from simref.ops._elementwise import aligned, broadcast_rules, in_place, walk_params
from simref.ops._numbers import NO_NAN, TYPE_NAMES, clamp, clamp_params
from simref.ops._op import Form, KernelCall, Reference, Value, never_in_place
from simref.ops._rules import Custom, InputDtype, NotEmpty, NotQuantized, Operands, OutputDtype, Rule, SameDtype

# (a, b) of one dtype and equal rank, and whether sums of float32 products are fused -> results.
Function = Callable[[Array, Array, bool], Array]

INTEGERS = ("int32", "int64")
NUMBERS = ("float32", *INTEGERS)


def plain(function: Callable[[Array, Array], Array]) -> Function:
    """A function that holds no sum of products."""
    return lambda a, b, fused: function(a, b)


def float_form(kernel: str, function: Function, *, rounding: str = "float32", activation: bool = False) -> Form:
    """float32. kernel: less `_f32`. activation: the attributes have one, the kernel SIMREF_CLAMP_FIELDS."""
    return Form(
        rounding=rounding,
        rules=(*_rules(("float32",)), OutputDtype(("float32",)), *broadcast_rules(2)),
        reference=_reference(function),
        numba=None,
        kernels=_kernels(kernel, (lambda layer: clamp_params(_activation(layer))) if activation else None),
        in_place=in_place,
    )


def integer_form(
    kernel: str, function: Function, *, rounding: str = "none: integers wrap", activation: bool = False
) -> Form:
    """int32 and int64. kernel: less `_s32` or `_s64`. activation: the operator has one, which must be NONE."""
    no_clamp: tuple[Rule, ...] = (NO_ACTIVATION,) if activation else ()
    return Form(
        rounding=rounding,
        rules=(*_rules(INTEGERS), SameDtype(), *no_clamp, *broadcast_rules(2)),
        reference=_reference(function),
        numba=None,
        kernels=_kernels(kernel),
        in_place=in_place,
    )


def predicate_form(kernel: str, function: Callable[[Array, Array], Array], dtypes: tuple[str, ...] = NUMBERS) -> Form:
    """A comparison of numbers, or an operation of logic over bool: the output is bool."""
    return Form(
        rounding="none: comparison" if dtypes != ("bool",) else "none: logic",
        rules=(*_rules(dtypes), SameDtype(outputs=False), OutputDtype(("bool",)), *broadcast_rules(2)),
        reference=_reference(plain(function)),
        numba=None,
        kernels=_kernels(kernel),
        in_place=in_place if dtypes == ("bool",) else never_in_place,
    )


def _rules(dtypes: tuple[str, ...]) -> tuple[Rule, ...]:
    return (
        Operands(2),
        InputDtype("input 0", 0, dtypes),
        InputDtype("input 1", 1, dtypes),
        NotQuantized(),
        NotEmpty(),
        NO_NAN,
    )


def _activation(layer: Layer) -> Activation:
    found = getattr(layer.attributes, "activation", Activation.NONE)
    assert isinstance(found, Activation)
    return found


def _activation_violation(layer: Layer) -> str | None:
    found = _activation(layer)
    return None if found is Activation.NONE else f"activation is {found.name}, must be NONE with integers"


def _break_activation(layer: Layer) -> Layer:
    return layer.replace(attributes=dataclasses.replace(layer.attributes, activation=Activation.RELU))


NO_ACTIVATION = Custom("activation is NONE", _activation_violation, _break_activation)


def _reference(function: Function) -> Reference:
    def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
        """The function, then the clamp, each rounded to the output's dtype."""
        a, b = aligned(layer, inputs, layer.input(0).dtype.type)
        with np.errstate(all="ignore"):
            y = function(a, b, layer.fused)
        return (clamp(y, *_activation(layer).value),)

    return reference


def _kernels(
    kernel: str, further: Callable[[Layer], dict[str, Value]] | None = None
) -> Callable[[Layer], tuple[KernelCall, ...]]:
    def kernels(layer: Layer) -> tuple[KernelCall, ...]:
        """One call of the kernel for the inputs' dtype."""
        a, b = layer.input(0), layer.input(1)
        params = walk_params(a.shape, b.shape) | (further(layer) if further else {})
        return (KernelCall(kernel=f"{kernel}_{TYPE_NAMES[a.dtype.name]}", params=params, operands=(0, 1)),)

    return kernels


def arithmetic_macc(layer: Layer) -> int:
    """One multiply-accumulate per element, and what the activation costs."""
    return layer.output.elements + activation_macc(layer)
