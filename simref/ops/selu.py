"""y = gamma * x where x >= 0, else gamma * alpha * (exp(x) - 1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simref import float32
from simref.graph import Array, Layer
from simref.ops._numbers import finite
from simref.ops._op import Op, equation_of
from simref.ops._sigmoidal import ten_per_element
from simref.ops._unary import attribute_params, coefficient, unary_form


@dataclass(frozen=True)
class Attributes:
    """alpha, gamma: the defaults keep mean 0 and variance 1."""

    alpha: float = 1.6732632423543772
    gamma: float = 1.0507009873554805


def selu(layer: Layer, x: Array) -> Array:
    """The product with alpha is rounded, then that with gamma."""
    below = coefficient(layer, "alpha") * float32.expm1(x, layer.fused)
    return coefficient(layer, "gamma") * np.where(x < 0, below, x)


OP = Op(
    name="SELU",
    equation=equation_of(__doc__),
    tflite=None,
    macc=ten_per_element,
    forms=(
        unary_form("selu_array", selu, params=attribute_params("alpha", "gamma"), rules=(finite("alpha", "gamma"),)),
    ),
)
