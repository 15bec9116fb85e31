"""y = the smallest integer from x on."""

from __future__ import annotations

import numpy as np

from simref.ops._elementwise import elements
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._unary import plain, unary_form

OP = Op(
    name="CEIL",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(),
    macc=elements,
    forms=(unary_form("ceil_array", plain(np.ceil), rounding="none: upwards"),),
)
