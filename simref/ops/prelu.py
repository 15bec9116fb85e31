"""y = x where x >= 0, else alpha * x, where alpha broadcasts."""

from __future__ import annotations

import numpy as np

from simref.graph import Array
from simref.ops._binary import float_form, plain
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._unary import two_per_element


def prelu(x: Array, alpha: Array) -> Array:
    """One product, rounded."""
    return np.where(x < 0, x * alpha, x)


OP = Op(
    name="PRELU",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(),
    macc=two_per_element,
    forms=(float_form("prelu", plain(prelu)),),
)
