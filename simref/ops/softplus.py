"""y = ln(1 + exp(x))."""

from __future__ import annotations

import numpy as np

from simref import float32
from simref.graph import Array
from simref.ops._op import Op, equation_of
from simref.ops._sigmoidal import ten_per_element
from simref.ops._unary import summed, unary_form


def softplus(x: Array, fused: bool) -> Array:
    """max(x, 0) + ln(1 + exp(-|x|)), where nothing overflows."""
    rest = float32.log1p(float32.exp(np.where(x < 0, x, -x), fused), fused)
    return np.where(x < 0, rest, x + rest)


OP = Op(
    name="SOFTPLUS",
    equation=equation_of(__doc__),
    tflite=None,
    macc=ten_per_element,
    forms=(unary_form("softplus_array", summed(softplus)),),
)
