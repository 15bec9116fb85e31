"""What ARG_MAX and ARG_MIN share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.graph import Array, Layer, Shape
from simref.ops._numbers import TYPE_NAMES
from simref.ops._op import Form, KernelCall, Value, never_in_place
from simref.ops._reduce import MAX_RANK
from simref.ops._rows import AXIS, axis_of, in_rows, row_params
from simref.ops._rules import InputDtype, NotEmpty, Operands, OutputDtype, OutputShape, Rank, Rule
from simref.ops._stored import resolve_axis, stored_integers


@dataclass(frozen=True)
class Attributes:
    """axis: from the front, or from the end if negative. keep_dims: it stays in the output's shape, as 1.

    select_last_index: of equal elements the last is found, not the first.
    """

    axis: int
    keep_dims: bool = False
    select_last_index: bool = False


def attributes(options: Any, layer: Layer) -> Attributes:
    """Read the axis, operand 1; the output's dtype says what the options table says again."""
    (axis,) = stored_integers(layer, 1, "axis", length=1)
    return Attributes(resolve_axis(axis, len(layer.input(0).shape)))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The input's shape without the axis, or with 1 in its place."""
    shape, axis = layer.input(0).shape, axis_of(layer)
    return ((*shape[:axis], *((1,) if layer.attributes.keep_dims else ()), *shape[axis + 1 :]),)


def arg_rules(*dtypes: str) -> tuple[Rule, ...]:
    """The rules for an input of one of the dtypes."""
    return (
        Operands(1),
        InputDtype("input", 0, dtypes),
        OutputDtype(("int32", "int64")),
        NotEmpty(),
        Rank("input", 0, 1, MAX_RANK),
        AXIS,
        OutputShape(output_shapes),
    )


def arg_form(kernel: str, place: Callable[[Array], Array], dtypes: Sequence[str]) -> Form:
    """kernel: the C function, `kernel_f32` and the like. place: (rows, count) -> where each row has its first best."""

    def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
        rows = in_rows(layer, inputs[0])
        if layer.attributes.select_last_index:
            found = rows.shape[1] - 1 - place(np.ascontiguousarray(rows[:, ::-1]))
        else:
            found = place(rows)
        return (found.astype(layer.output.dtype).reshape(-1, *layer.output.shape),)

    def kernels(layer: Layer) -> tuple[KernelCall, ...]:
        params: dict[str, Value] = {
            **row_params(layer),
            "from_last": int(layer.attributes.select_last_index),
            "index_bytes": layer.output.dtype.itemsize,
        }
        name = f"{kernel}_{TYPE_NAMES[layer.input(0).dtype.name]}"
        return (KernelCall(kernel=name, params=params, operands=(0,)),)

    return Form(
        rounding="none: an index",
        rules=arg_rules(*dtypes),
        reference=reference,
        numba=None,
        kernels=kernels,
        in_place=never_in_place,
    )
