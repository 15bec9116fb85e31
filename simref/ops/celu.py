"""y = x where x >= 0, else alpha * (exp(x / alpha) - 1)."""

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
    """alpha: what minus infinity gives, less its sign."""

    alpha: float = 1.0


def celu(layer: Layer, x: Array) -> Array:
    """A quotient and a product, each rounded."""
    alpha = coefficient(layer, "alpha")
    return np.where(x < 0, alpha * float32.expm1(x / alpha, layer.fused), x)


OP = Op(
    name="CELU",
    equation=equation_of(__doc__),
    tflite=None,
    macc=ten_per_element,
    forms=(unary_form("celu_array", celu, params=attribute_params("alpha"), rules=(finite("alpha"),)),),
)
