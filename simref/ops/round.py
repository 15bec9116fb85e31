"""y = the integer nearest to x, of two the even one."""

from __future__ import annotations

import numpy as np

from simref.ops._elementwise import elements
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._unary import plain, unary_form

OP = Op(
    name="ROUND",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(),
    macc=elements,
    forms=(unary_form("round_array", plain(np.rint), rounding="none: to nearest even"),),
)
