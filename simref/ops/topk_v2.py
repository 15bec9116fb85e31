"""y, indices = the k largest elements along `axis` and their places, best first; the smallest ones if so asked.

Of equal elements, such as 0.0 and -0.0, the first comes first. NaN counts as larger than all other values.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.graph import Array, Layer, Shape
from simref.ops._numbers import TYPE_NAMES
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, Value, equation_of, never_in_place
from simref.ops._reduce import input_elements
from simref.ops._rows import AXIS, axis_of, in_rows, out_of_rows, row_params
from simref.ops._rules import Custom, InputDtype, NotEmpty, Operands, OutputShape, Rank, SameQuantization
from simref.ops._stored import stored_integers

MAX_RANK = 8


@dataclass(frozen=True)
class Attributes:
    """k: how many. largest: False for the smallest. axis: from the front, or from the end if negative."""

    k: int
    largest: bool = True
    axis: int = -1


def attributes(options: Any, layer: Layer) -> Attributes:
    """Read k, operand 1."""
    (k,) = stored_integers(layer, 1, "k", length=1)
    return Attributes(k)


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The input's shape with k in the place of the axis, twice."""
    shape, axis = layer.input(0).shape, axis_of(layer)
    found = (*shape[:axis], layer.attributes.k, *shape[axis + 1 :])
    return (found, found)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Values of the input's dtype, indices of the second output's."""
    a, rows = layer.attributes, in_rows(layer, inputs[0])
    missing = np.isnan(rows)
    keys = ~rows if rows.dtype.kind == "i" else -np.where(missing, 0, rows)
    if not a.largest:
        keys = -keys if rows.dtype.kind == "f" else rows
    # A stable sort, by the last key first.
    order = np.lexsort((keys, ~missing if a.largest else missing), axis=1)[:, : a.k]
    values = np.take_along_axis(rows, order, axis=1)
    return (out_of_rows(layer, values), out_of_rows(layer, order.astype(layer.outputs[1].dtype), 1))


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call over the rows."""
    params: dict[str, Value] = {
        **row_params(layer),
        "k": layer.attributes.k,
        "largest": int(layer.attributes.largest),
        "index_bytes": layer.outputs[1].dtype.itemsize,
    }
    name = f"topk_v2_{TYPE_NAMES[layer.input(0).dtype.name]}"
    return (KernelCall(kernel=name, params=params, operands=(0,), output=(0, 1)),)


def _dtype_violation(layer: Layer) -> str | None:
    found = [tensor.dtype.name for tensor in layer.outputs]
    dtype = layer.input(0).dtype.name
    if found[:1] == [dtype] and found[1:] in (["int32"], ["int64"]):
        return None
    return f"outputs are {', '.join(found)}, must be {dtype} and int32 or int64"


def _break_dtype(layer: Layer) -> Layer:
    return layer.replace(outputs=tuple(dataclasses.replace(t, dtype=np.dtype(np.uint16)) for t in layer.outputs))


def _k_violation(layer: Layer) -> str | None:
    k, count = layer.attributes.k, layer.input(0).shape[axis_of(layer)]
    return None if 1 <= k <= count else f"k is {k}, must be 1 to {count}"


def _break_k(layer: Layer) -> Layer:
    return layer.replace(attributes=dataclasses.replace(layer.attributes, k=0))


OP = Op(
    name="TOPK_V2",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="TopKV2Options", attributes=attributes, operands=1),
    macc=input_elements,
    forms=(
        Form(
            rounding="none: elements are chosen",
            rules=(
                Operands(1),
                InputDtype("input", 0, ("float32", "int8", "int32", "int64")),
                Custom("values have the input's dtype, indices are int32 or int64", _dtype_violation, _break_dtype),
                NotEmpty(),
                SameQuantization(),
                Rank("input", 0, 1, MAX_RANK),
                AXIS,
                Custom("k is 1 to the elements along the axis", _k_violation, _break_k),
                OutputShape(output_shapes),
            ),
            reference=reference,
            numba=None,
            kernels=kernels,
            in_place=never_in_place,
        ),
    ),
)
