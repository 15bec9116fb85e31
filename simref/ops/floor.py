"""y = the largest integer up to x."""

from __future__ import annotations

import numpy as np

from simref.ops._elementwise import elements
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._unary import plain, unary_form

OP = Op(
    name="FLOOR",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(),
    macc=elements,
    forms=(unary_form("floor_array", plain(np.floor), rounding="none: downwards"),),
)
