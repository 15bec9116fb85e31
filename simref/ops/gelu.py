"""y = x * Phi(x), Phi being the standard normal distribution, or its approximation by tanh."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref import float32
from simref.graph import Array, Layer
from simref.ops._op import KernelCall, Op, TFLiteBinding, equation_of
from simref.ops._sigmoidal import ten_per_element
from simref.ops._unary import unary_form


@dataclass(frozen=True)
class Attributes:
    """approximate: with tanh instead of erf."""

    approximate: bool = False


def attributes(options: Any, layer: Layer) -> Attributes:
    """Read the options table; without one Phi is exact, the format's default."""
    return Attributes(False if options is None else bool(options.Approximate()))


def gelu(layer: Layer, x: Array) -> Array:
    """x / 2 * (1 + erf(x / sqrt(2))), or x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))), step by step."""
    if layer.attributes.approximate:
        cubic = np.float32(0.044715) * (x * x * x)
        bent = float32.tanh(np.float32(np.sqrt(2 / np.pi)) * (x + cubic), layer.fused)
    else:
        bent = float32.erf(x * np.float32(np.sqrt(0.5)), layer.fused)
    return np.asarray(np.float32(0.5) * x * (np.float32(1) + bent))


_EXACT, _APPROXIMATE = unary_form("gelu_array", gelu), unary_form("gelu_tanh_array", gelu)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call of gelu_array_f32 or gelu_tanh_array_f32."""
    return (_APPROXIMATE if layer.attributes.approximate else _EXACT).kernels(layer)


OP = Op(
    name="GELU",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="GeluOptions", attributes=attributes),
    macc=ten_per_element,
    forms=(dataclasses.replace(_EXACT, kernels=kernels),),
)
