"""y = x / (1 + exp(-beta * x))."""

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
    """beta: the slope inside the sigmoid; 1 is SiLU, or Swish."""

    beta: float = 1.0


def silu(layer: Layer, x: Array) -> Array:
    """The product with beta, the sigmoid and the product with x, each rounded."""
    return np.asarray(x * float32.sigmoid(coefficient(layer, "beta") * x, layer.fused))


OP = Op(
    name="SILU",
    equation=equation_of(__doc__),
    tflite=None,
    macc=ten_per_element,
    forms=(unary_form("silu_array", silu, params=attribute_params("beta"), rules=(finite("beta"),)),),
)
