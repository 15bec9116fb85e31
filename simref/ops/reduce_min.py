"""y = min(x) over `axes`."""

from __future__ import annotations

from collections.abc import Sequence

from simref.graph import Array, Layer
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, equation_of, never_in_place
from simref.ops._reduce import REDUCTION_RULES, attributes, input_elements, sample_axes, walk_params
from simref.ops._reduce_numbers import CHOSEN, NUMBERS, number_form, smallest
from simref.ops._rules import SameQuantization


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Equals TFLite's REDUCE_MIN: the stored integers are compared as they are."""
    return (inputs[0].min(axis=sample_axes(layer), keepdims=layer.attributes.keep_dims),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call of reduce_min_s8."""
    return (KernelCall(kernel="reduce_min_s8", params=walk_params(layer), operands=(0,)),)


OP = Op(
    name="REDUCE_MIN",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="ReducerOptions", attributes=attributes, operands=1),
    macc=input_elements,
    forms=(
        Form(
            rounding="none: minimum",
            rules=(*REDUCTION_RULES, SameQuantization()),
            reference=reference,
            numba=None,
            kernels=kernels,
            in_place=never_in_place,
        ),
        *(number_form(dtype, "reduce_min", smallest, CHOSEN) for dtype in NUMBERS),
    ),
)
