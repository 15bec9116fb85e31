"""What operators over numbers that are not quantized share: the kernels' names of types, the clamp, a rule."""

from __future__ import annotations

import dataclasses

import numpy as np

from simref.graph import Array, Layer
from simref.ops._activation import Activation
from simref.ops._op import Value
from simref.ops._rules import Custom

TYPE_NAMES = {
    "float16": "f16",
    "float32": "f32",
    "float64": "f64",
    "int8": "s8",
    "uint8": "u8",
    "int16": "s16",
    "uint16": "u16",
    "int32": "s32",
    "uint32": "u32",
    "int64": "s64",
    "uint64": "u64",
    "bool": "b8",
}
"""How the names of kernels call a dtype."""


_LARGEST = float(np.finfo(np.float32).max)


def clamp(y: Array, low: float, high: float) -> Array:
    """low where y < low, high where y > high; NaN and the sign of zero pass."""
    if not np.isneginf(low):
        y = np.where(y < low, y.dtype.type(low), y)
    return y if np.isposinf(high) else np.where(y > high, y.dtype.type(high), y)


def clamp_params(activation: Activation) -> dict[str, Value]:
    """The fields low and high of a kernel that ends with `clamp`."""
    low, high = activation.value
    return {"low": low, "high": high}


def _nan_violation(layer: Layer) -> str | None:
    for tensor in layer.inputs:
        if tensor is not None and tensor.data is not None and np.isnan(tensor.data).any():
            return f'constant "{tensor.name}" holds NaN, must hold numbers'
    return None


def _break_nan(layer: Layer) -> Layer:
    first = layer.input(0)
    broken = dataclasses.replace(first, data=np.full(first.shape, np.nan, np.float32))
    return layer.replace(inputs=(broken, *layer.inputs[1:]))


NO_NAN = Custom("no constant holds NaN", _nan_violation, _break_nan)


def finite(*names: str) -> Custom:
    """The rule that these float attributes are numbers."""

    def violation(layer: Layer) -> str | None:
        found = {name: getattr(layer.attributes, name) for name in names}
        wrong = [f"{name} is {value}" for name, value in found.items() if not abs(value) <= _LARGEST]
        return f"{wrong[0]}, must be a float32 number" if wrong else None

    def broken(layer: Layer) -> Layer:
        return layer.replace(attributes=dataclasses.replace(layer.attributes, **{names[0]: np.nan}))

    return Custom(
        f"{' and '.join(names)} {'is a float32 number' if len(names) == 1 else 'are float32 numbers'}",
        violation,
        broken,
    )
