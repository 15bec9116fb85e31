"""y[i] = 0 + x[0] + … + x[i] along `axis`, one after the other; without x[i] if exclusive, from the end if reversed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.graph import Array, Layer
from simref.ops._numbers import TYPE_NAMES
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, Value, equation_of
from simref.ops._reduce import input_elements
from simref.ops._reduce_numbers import ONE_LANE, WRAPS
from simref.ops._rows import AXIS, in_rows, out_of_rows, row_params
from simref.ops._rules import InputDtype, NotEmpty, NotQuantized, Operands, OutputDtype, OutputShape, Rank, same_shape
from simref.ops._stored import resolve_axis, stored_integers

MAX_RANK = 8


@dataclass(frozen=True)
class Attributes:
    """axis: from the front, or from the end if negative. exclusive, reverse: see the equation."""

    axis: int
    exclusive: bool = False
    reverse: bool = False


def attributes(options: Any, layer: Layer) -> Attributes:
    """Read the axis, operand 1, and the options table."""
    (axis,) = stored_integers(layer, 1, "axis", length=1)
    return Attributes(resolve_axis(axis, len(layer.input(0).shape)), bool(options.Exclusive()), bool(options.Reverse()))


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Of the input's shape and dtype."""
    a, x = layer.attributes, in_rows(layer, inputs[0])
    step = -1 if a.reverse else 1
    with np.errstate(all="ignore"):
        # + 0: see _reduce_numbers.summed.
        sums = np.add.accumulate(x[:, ::step], axis=1, dtype=x.dtype) + x.dtype.type(0)
    if a.exclusive:
        sums = np.concatenate([np.zeros_like(sums[:, :1]), sums[:, :-1]], axis=1)
    return (out_of_rows(layer, sums[:, ::step]),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call over the rows."""
    a = layer.attributes
    params: dict[str, Value] = {**row_params(layer), "exclusive": int(a.exclusive), "reverse": int(a.reverse)}
    name = f"cumsum_{TYPE_NAMES[layer.input(0).dtype.name]}"
    return (KernelCall(kernel=name, params=params, operands=(0,)),)


def in_place(layer: Layer) -> tuple[int, ...]:
    """Each element is read before it is written."""
    return (0,)


def _form(dtype: str, rounding: str) -> Form:
    return Form(
        rounding=rounding,
        rules=(
            Operands(1),
            InputDtype("input", 0, (dtype,)),
            OutputDtype((dtype,)),
            NotQuantized(),
            NotEmpty(),
            Rank("input", 0, 1, MAX_RANK),
            AXIS,
            OutputShape(same_shape),
        ),
        reference=reference,
        numba=None,
        kernels=kernels,
        in_place=in_place,
    )


OP = Op(
    name="CUMSUM",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="CumsumOptions", attributes=attributes, operands=1),
    macc=input_elements,
    forms=(_form("float32", ONE_LANE), _form("int32", WRAPS), _form("int64", WRAPS)),
)
