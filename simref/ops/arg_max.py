"""y = the first index along `axis` at which x is largest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simref.graph import Array, Layer, Shape
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, Value, equation_of, never_in_place
from simref.ops._reduce import MAX_RANK, input_elements
from simref.ops._rules import InputDtype, Operands, OutputDtype, OutputShape, Rank
from simref.ops._stored import resolve_axis, stored_integers


@dataclass(frozen=True)
class Attributes:
    """axis: counted from the front."""

    axis: int


def attributes(options: Any, layer: Layer) -> Attributes:
    """Read the axis, operand 1; the output's dtype says what the options table says again."""
    (axis,) = stored_integers(layer, 1, "axis", length=1)
    return Attributes(resolve_axis(axis, len(layer.input(0).shape)))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The input's shape without the axis."""
    shape, axis = layer.input(0).shape, layer.attributes.axis
    return ((*shape[:axis], *shape[axis + 1 :]),)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Equals TFLite's ARG_MAX, which keeps the first of equal values."""
    return (inputs[0].argmax(axis=layer.attributes.axis + 1).astype(layer.output.dtype),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call of arg_max_s8_s32 or arg_max_s8_s64."""
    shape, axis = layer.input(0).shape, layer.attributes.axis
    params: dict[str, Value] = {
        "outer": math.prod(shape[:axis]),
        "count": shape[axis],
        "inner": math.prod(shape[axis + 1 :]),
    }
    bits = 8 * layer.output.dtype.itemsize
    return (KernelCall(kernel=f"arg_max_s8_s{bits}", params=params, operands=(0,)),)


OP = Op(
    name="ARG_MAX",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="ArgMaxOptions", attributes=attributes, operands=1),
    macc=input_elements,
    forms=(
        Form(
            rounding="none: an index",
            rules=(
                Operands(1),
                InputDtype("input", 0, ("int8",)),
                OutputDtype(("int32", "int64")),
                Rank("input", 0, 1, MAX_RANK),
                OutputShape(output_shapes),
            ),
            reference=reference,
            numba=None,
            kernels=kernels,
            in_place=never_in_place,
        ),
    ),
)
