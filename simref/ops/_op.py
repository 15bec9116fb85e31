"""What an operator is: one frozen record that drives import, checks, reference, generated C, planner and docs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simref.errors import UnsupportedError
from simref.graph import Array, Layer
from simref.ops._rules import InputDtype, Rule

Value = int | float | Sequence[int] | Array


@dataclass(frozen=True, kw_only=True, eq=False)
class KernelCall:
    """One call of a C kernel: `simref_<kernel>(const struct simref_<kernel>_params *, operands…, outputs…[, scratch])`.

    kernel: runtime_c/<kernel>.h and .c declare and define `simref_<kernel>` and its parameter struct; kernels that
        differ in types alone may share files named without them (add.c has add_f32 and add_s32).
    params: the struct's fields by name, `outer.inner` for a field of a member struct. A number or a short sequence of
        integers is written in place; a NumPy array becomes a constant array in flash and the field a pointer to it.
    operands: in the order of the C signature; an int is a position in `Layer.inputs` (a stored constant is then
        written as the model stores it, an absent input as NULL), an array is a constant prepared by the operator
        (folded biases, say).
    output: a position in `Layer.outputs`, or several in the order of the C signature; None is written as NULL.
    scratch: bytes the kernel needs while it runs, 8-byte aligned, passed last; with 0 there is no such argument.
    """

    kernel: str
    params: Mapping[str, Value]
    operands: tuple[int | Array, ...]
    output: int | tuple[int | None, ...] = 0
    scratch: int = 0


@dataclass(frozen=True, kw_only=True)
class TFLiteBinding:
    """How TFLite stores the operator.

    options: the flatbuffer options table, e.g. "Conv2DOptions", or None.
    attributes: (options object of the `tflite` package or None, layer holding every stored operand) -> the operator's
        attributes. May raise `ModelError` without the layer's name: the importer adds it.
    operands: how many leading operands, or which ones, stay inputs of the node (None: all of them); the others, such
        as the axes of a reduction, are read by `attributes` and dropped.
    """

    options: str | None = None
    attributes: Callable[[Any, Layer], Any] = field(default=lambda options, layer: None)
    operands: int | tuple[int, ...] | None = None

    def kept(self, inputs: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The inputs that stay, of all those that the model stores."""
        if isinstance(self.operands, tuple):
            return tuple(inputs[position] for position in self.operands if position < len(inputs))
        return inputs[: self.operands]


Reference = Callable[[Layer, Sequence[Array]], tuple[Array, ...]]


@dataclass(frozen=True, kw_only=True)
class Form:
    """How an operator is computed for some dtypes: those that its `InputDtype` rule of the operator's key input allows.

    rounding: how results are rounded, for the docs' table ("double", "single", "none: data movement" …).
    rules: what a layer must satisfy, checked before any work, in order.
    reference: NumPy, short and evidently right. Arrays carry a leading sample axis before the tensor's own shape;
        constants come with a sample axis of length 1. Returns one array per output, with the same leading axis.
        Sums of float32 products are fused or rounded as `Layer.fused` says.
    numba: the fast twin of `reference`, equal in every bit, or None where NumPy is fast enough.
    kernels: the C calls that compute the layer; an empty tuple means that the output is a view of input 0 (same bytes).
    in_place: positions of the inputs that the output may overwrite: the kernel reads an element before it writes any
        byte at or beyond it. A form without kernels names the input it is a view of.
    caveat: what a user of the form must be told with every prediction, or None.
    """

    rounding: str
    rules: tuple[Rule, ...]
    reference: Reference
    numba: Reference | None
    kernels: Callable[[Layer], tuple[KernelCall, ...]]
    in_place: Callable[[Layer], tuple[int, ...]]
    caveat: str | None = None

    def dtypes(self, position: int) -> tuple[str, ...]:
        """The dtypes that the input at `position` may have."""
        rules = (rule for rule in self.rules if isinstance(rule, InputDtype) and rule.position == position)
        return tuple(dtype for rule in rules for dtype in rule.dtypes)


@dataclass(frozen=True, kw_only=True)
class Op:
    """One operator.

    name: TFLite's name where TFLite has the operator, the canonical one here.
    equation: the operator in one line; the first line of its module's docstring.
    tflite: how TFLite stores it; None for an operator that only other formats have.
    macc: multiply-accumulates of the layer, counted as the vendor's tool counts them (docs/accounting.md).
    forms: how it is computed, one form per kind of numbers.
    key: the position of the input whose dtype chooses the form.
    """

    name: str
    equation: str
    tflite: TFLiteBinding | None
    macc: Callable[[Layer], int]
    forms: tuple[Form, ...]
    key: int = 0

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The dtypes that the key input may have, of all forms."""
        return tuple(dict.fromkeys(dtype for form in self.forms for dtype in form.dtypes(self.key)))

    def find_form(self, layer: Layer) -> Form | None:
        """The form for the layer's dtype; None where no form takes it. Without the key input it is the first form."""
        tensor = layer.optional_input(self.key)
        if tensor is None:
            return self.forms[0]
        dtype = tensor.dtype.name
        return next((form for form in self.forms if dtype in form.dtypes(self.key)), None)

    def dtype_violation(self, layer: Layer) -> str:
        """What a layer without a form has, and what it must have."""
        return f"input {self.key} is {layer.input(self.key).dtype}, must be {' or '.join(self.dtypes)}"

    def form(self, layer: Layer) -> Form:
        """The form of a layer whose rules were checked. Raises UnsupportedError for a dtype that no form takes."""
        form = self.find_form(layer)
        if form is None:
            raise UnsupportedError(f"{layer}: {self.dtype_violation(layer)}")
        return form


def no_macc(layer: Layer) -> int:
    """Data movement costs no multiply-accumulates."""
    return 0


def never_in_place(layer: Layer) -> tuple[int, ...]:
    """The output overlaps no input."""
    return ()


def equation_of(docstring: str | None) -> str:
    """The first line of a module's docstring, which states the operator's equation."""
    if not docstring:
        raise ValueError("an operator's module starts with its equation")
    return docstring.strip().splitlines()[0]
