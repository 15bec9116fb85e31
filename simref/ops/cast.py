"""y = x as a number of another type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simref.graph import Array, Layer
from simref.ops._movement import MOVABLE
from simref.ops._numbers import NO_NAN, TYPE_NAMES
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, equation_of
from simref.ops._rules import InputDtype, NotEmpty, NotQuantized, Operands, OutputDtype, OutputShape, same_shape
from simref.ops._unary import two_per_element

CASTABLE = (*MOVABLE, "float16", "float64")


def converted(x: Array, dtype: np.dtype[Any]) -> Array:
    """x in that dtype: floats towards zero and saturated, NaN as the largest integer; integers wrap; bool is x != 0."""
    if dtype.kind == "b":
        return np.asarray(x != 0)
    if x.dtype.kind != "f" or dtype.kind == "f":
        with np.errstate(over="ignore"):
            return x.astype(dtype)
    if x.dtype == np.float16:  # which cannot hold the bounds
        x = x.astype(np.float32)
    info = np.iinfo(dtype)
    inside = (x >= info.min) & (x < 2.0 ** (info.bits - (info.min < 0)))
    saturated = np.where(x < 0, info.min, info.max).astype(dtype)
    return np.where(inside, np.where(inside, x, 0).astype(dtype), saturated)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """See `converted`."""
    return (converted(inputs[0], layer.output.dtype),)


def in_place(layer: Layer) -> tuple[int, ...]:
    """Integers of one width; C forbids to see one memory as float and as integer, but float16 is one to it."""
    x, y = layer.input(0), layer.output
    one_kind = x.dtype == y.dtype or not {"float32", "float64"} & {x.dtype.name, y.dtype.name}
    return (0,) if one_kind and x.dtype.itemsize == y.dtype.itemsize and not x.is_constant else ()


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call of cast_<source>_<target>; none where the bytes stay as they are."""
    x, y = layer.input(0), layer.output
    same_bytes = x.dtype == y.dtype or (x.dtype.kind in "iub" and y.dtype.kind in "iu")
    if in_place(layer) and same_bytes:
        return ()
    kernel = f"cast_{TYPE_NAMES[x.dtype.name]}_{TYPE_NAMES[y.dtype.name]}"
    return (KernelCall(kernel=kernel, params={"count": y.elements}, operands=(0,)),)


OP = Op(
    name="CAST",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="CastOptions"),
    macc=two_per_element,
    forms=(
        Form(
            rounding="floats towards zero and saturated; integers wrap; to floats to nearest even",
            rules=(
                Operands(1),
                InputDtype("input", 0, CASTABLE),
                OutputDtype(CASTABLE),
                NotQuantized(),
                NotEmpty(),
                NO_NAN,
                OutputShape(same_shape),
            ),
            reference=reference,
            numba=None,
            kernels=kernels,
            in_place=in_place,
        ),
    ),
)
