"""y = x * tanh(ln(1 + exp(x)))."""

from __future__ import annotations

import numpy as np

from simref import float32
from simref.graph import Array
from simref.ops._op import Op, equation_of
from simref.ops._sigmoidal import ten_per_element
from simref.ops._unary import summed, unary_form


def mish(x: Array, fused: bool) -> Array:
    """tanh(ln(1 + e)) = n / (n + 2) where n = e * (e + 2); from x = 20 on it is 1."""
    e = float32.exp(np.where(x > 20, np.float32(20), x), fused)
    n = e * (e + np.float32(2))
    return np.asarray(x * (n / (n + np.float32(2))))


OP = Op(
    name="MISH",
    equation=equation_of(__doc__),
    tflite=None,
    macc=ten_per_element,
    forms=(unary_form("mish_array", summed(mish)),),
)
