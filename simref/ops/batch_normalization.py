"""y[..., c] = activation(x[..., c] * scale[c] + offset[c]), product and sum as one multiply-add."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simref.float32 import multiply_add
from simref.graph import Array, Layer
from simref.ops._activation import Activation, activation_macc
from simref.ops._numbers import clamp
from simref.ops._op import Form, KernelCall, Op, Value, equation_of
from simref.ops._rules import (
    Constant,
    Custom,
    Finite,
    InputDtype,
    NotEmpty,
    Operands,
    OutputDtype,
    OutputShape,
    Rank,
    same_shape,
)

SCALE, OFFSET = 1, 2
MAX_RANK = 8


@dataclass(frozen=True)
class Attributes:
    """activation: the clamp at the end."""

    activation: Activation = Activation.NONE


def macc(layer: Layer) -> int:
    """Two per element, and a fused activation."""
    return 2 * layer.input(0).elements + activation_macc(layer)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """float32 of the input's shape."""
    x, scale, offset = inputs
    return (clamp(multiply_add(x, scale[0], offset[0], layer.fused), *layer.attributes.activation.value),)


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same in compiled code."""
    from simref.ops._numba_normalization import scale_rows

    x, scale, offset = inputs
    rows = np.ascontiguousarray(x).reshape(-1, x.shape[-1])
    y: Array = scale_rows(rows, scale[0], offset[0], layer.fused)
    return (clamp(y.reshape(x.shape), *layer.attributes.activation.value),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call over all pixels."""
    x = layer.input(0)
    low, high = layer.attributes.activation.value
    params: dict[str, Value] = {
        "pixels": x.elements // x.shape[-1],
        "channels": x.shape[-1],
        "low": low,
        "high": high,
    }
    return (KernelCall(kernel="batch_normalization_f32", params=params, operands=(0, SCALE, OFFSET)),)


def in_place(layer: Layer) -> tuple[int, ...]:
    """Element by element."""
    return (0,)


def _shape_violation(layer: Layer) -> str | None:
    channels = layer.input(0).shape[-1]
    for name, position in (("scale", SCALE), ("offset", OFFSET)):
        shape = layer.input(position).shape
        if shape != (channels,):
            return f"{name} has the shape {shape}, must have ({channels},)"
    return None


def _break_shape(layer: Layer) -> Layer:
    x = layer.input(0)
    longer = dataclasses.replace(x, shape=(*x.shape[:-1], x.shape[-1] + 1))
    return layer.replace(inputs=(longer, *layer.inputs[1:]))


OP = Op(
    name="BATCH_NORMALIZATION",
    equation=equation_of(__doc__),
    tflite=None,
    macc=macc,
    forms=(
        Form(
            rounding="float32: one multiply-add",
            rules=(
                Operands(3),
                InputDtype("input", 0, ("float32",)),
                InputDtype("scale", SCALE, ("float32",)),
                InputDtype("offset", OFFSET, ("float32",)),
                OutputDtype(("float32",)),
                Constant("scale", SCALE),
                Constant("offset", OFFSET),
                NotEmpty(),
                Finite(),
                Rank("input", 0, 1, MAX_RANK),
                Custom("scale and offset have one value per channel", _shape_violation, _break_shape),
                OutputShape(same_shape),
            ),
            reference=reference,
            numba=numba,
            kernels=kernels,
            in_place=in_place,
        ),
    ),
)
