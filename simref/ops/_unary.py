"""Forms of one operand over numbers that are not quantized: the same function for each element."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simref.graph import Array, Layer
from simref.ops._numbers import NO_NAN, TYPE_NAMES
from simref.ops._op import Form, KernelCall, Value
from simref.ops._rules import InputDtype, NotEmpty, NotQuantized, Operands, OutputShape, Rule, SameDtype, same_shape

# (layer, input) -> output of the same shape and dtype; the layer tells attributes and whether sums are fused.
Function = Callable[[Layer, Array], Array]
# Parameters of the kernel besides the count, which may follow from the dtype.
Params = Callable[[Layer], dict[str, Value]]


def plain(function: Callable[[Array], Array]) -> Function:
    """A function of the elements alone."""
    return lambda layer, x: function(x)


def summed(function: Callable[[Array, bool], Array]) -> Function:
    """A function of simref.float32, whose sums of products are fused or not."""
    return lambda layer, x: function(x, layer.fused)


def attribute_params(*names: str) -> Params:
    """The kernel takes these float attributes by their names."""
    return lambda layer: {name: float(getattr(layer.attributes, name)) for name in names}


def coefficient(layer: Layer, name: str) -> np.float32:
    """A float attribute as the kernel computes with it."""
    return np.float32(getattr(layer.attributes, name))


def unary_form(
    kernel: str,
    function: Function,
    *,
    dtypes: tuple[str, ...] = ("float32",),
    rounding: str = "float32",
    params: Params | None = None,
    rules: tuple[Rule, ...] = (),
) -> Form:
    """The form of some dtypes. kernel: less the type, `_f32` say. params: what it takes besides the count."""

    def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
        """The function of each element."""
        with np.errstate(all="ignore"):
            return (np.asarray(function(layer, inputs[0]), layer.output.dtype),)

    def kernels(layer: Layer) -> tuple[KernelCall, ...]:
        """One call of the kernel for the input's dtype."""
        found: dict[str, Value] = {"count": layer.output.elements} | (params(layer) if params else {})
        return (KernelCall(kernel=f"{kernel}_{TYPE_NAMES[layer.input(0).dtype.name]}", params=found, operands=(0,)),)

    return Form(
        rounding=rounding,
        rules=(
            *(Operands(1), InputDtype("input", 0, dtypes), SameDtype(), NotQuantized(), NotEmpty(), NO_NAN),
            *rules,
            OutputShape(same_shape),
        ),
        reference=reference,
        numba=None,
        kernels=kernels,
        in_place=in_place,
    )


def in_place(layer: Layer) -> tuple[int, ...]:
    """Each element is read just before its place is written."""
    return () if layer.input(0).is_constant else (0,)


def two_per_element(layer: Layer) -> int:
    """Two multiply-accumulates per element."""
    return 2 * layer.output.elements
