"""y = 1 / x."""

from __future__ import annotations

import numpy as np

from simref.ops._elementwise import elements
from simref.ops._op import Op, equation_of
from simref.ops._unary import plain, unary_form

OP = Op(
    name="RECIPROCAL",
    equation=equation_of(__doc__),
    tflite=None,
    macc=elements,
    forms=(unary_form("reciprocal_array", plain(np.reciprocal)),),
)
