"""y = x where x >= 0, else alpha * (exp(x) - 1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simref import float32
from simref.graph import Array, Layer
from simref.ops._numbers import finite
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._sigmoidal import ten_per_element
from simref.ops._unary import attribute_params, coefficient, unary_form


@dataclass(frozen=True)
class Attributes:
    """alpha: what minus infinity gives, less its sign."""

    alpha: float = 1.0


def elu(layer: Layer, x: Array) -> Array:
    """One product, rounded."""
    return np.where(x < 0, coefficient(layer, "alpha") * float32.expm1(x, layer.fused), x)


OP = Op(
    name="ELU",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(attributes=lambda options, layer: Attributes()),
    macc=ten_per_element,
    forms=(unary_form("elu_array", elu, params=attribute_params("alpha"), rules=(finite("alpha"),)),),
)
