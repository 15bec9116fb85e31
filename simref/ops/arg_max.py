"""y = the first index along `axis` at which x is largest; the last one if so asked.

A NaN is passed over unless it is the first element that is looked at.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from simref.graph import Array, Layer
from simref.ops._arg import Attributes, arg_form, arg_rules, attributes
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, equation_of, never_in_place
from simref.ops._reduce import input_elements
from simref.ops._reduce_numbers import place_of_largest
from simref.ops._rows import in_rows, row_params
from simref.ops._rules import Custom

__all__ = ["OP", "Attributes"]


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Equals TFLite's ARG_MAX, which keeps the first of equal values."""
    found = in_rows(layer, inputs[0]).argmax(axis=1)
    return (found.astype(layer.output.dtype).reshape(-1, *layer.output.shape),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call of arg_max_s8_s32 or arg_max_s8_s64."""
    bits = 8 * layer.output.dtype.itemsize
    return (KernelCall(kernel=f"arg_max_s8_s{bits}", params=row_params(layer), operands=(0,)),)


def _last_violation(layer: Layer) -> str | None:
    return "select_last_index is set, must not be" if layer.attributes.select_last_index else None


def _break_last(layer: Layer) -> Layer:
    return layer.replace(attributes=dataclasses.replace(layer.attributes, select_last_index=True))


OP = Op(
    name="ARG_MAX",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="ArgMaxOptions", attributes=attributes, operands=1),
    macc=input_elements,
    forms=(
        Form(
            rounding="none: an index",
            rules=(*arg_rules("int8"), Custom("the first of equal elements is found", _last_violation, _break_last)),
            reference=reference,
            numba=None,
            kernels=kernels,
            in_place=never_in_place,
        ),
        arg_form("arg_max", place_of_largest, ("float32", "int32", "int64")),
    ),
)
