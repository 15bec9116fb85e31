"""y = min(max(x, low), high)."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from simref.graph import Array, Layer
from simref.ops._binary import INTEGERS
from simref.ops._numbers import clamp
from simref.ops._op import Op, Value, equation_of
from simref.ops._rules import Custom
from simref.ops._unary import two_per_element, unary_form


@dataclass(frozen=True)
class Attributes:
    """low, high: the bounds, infinite where there is none; x below low becomes low first, then above high high."""

    low: float
    high: float


def bounds(layer: Layer) -> tuple[float, float]:
    """The bounds as numbers of the input's dtype, which are the nearest ones inside."""
    low, high, dtype = layer.attributes.low, layer.attributes.high, layer.input(0).dtype
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            return float(np.float32(low)), float(np.float32(high))
    info = np.iinfo(dtype)
    above = info.min if low <= info.min else info.max if low > info.max else math.ceil(low)
    return above, info.max if high >= info.max else info.min if high < info.min else math.floor(high)


def clip(layer: Layer, x: Array) -> Array:
    """NaN stays."""
    return clamp(x, *bounds(layer))


def params(layer: Layer) -> dict[str, Value]:
    """The bounds."""
    low, high = bounds(layer)
    return {"low": low, "high": high}


def _bounds_violation(layer: Layer) -> str | None:
    if math.isnan(layer.attributes.low) or math.isnan(layer.attributes.high):
        return f"bounds are {layer.attributes.low} and {layer.attributes.high}, must not be NaN"
    return None


def _break_bounds(layer: Layer) -> Layer:
    return layer.replace(attributes=dataclasses.replace(layer.attributes, low=math.nan))


_RULES = (Custom("low and high are not NaN", _bounds_violation, _break_bounds),)

OP = Op(
    name="CLIP",
    equation=equation_of(__doc__),
    tflite=None,
    macc=two_per_element,
    forms=tuple(
        unary_form("clip_array", clip, dtypes=dtypes, rounding="none: clamp", params=params, rules=_RULES)
        for dtypes in (("float32",), INTEGERS)
    ),
)
