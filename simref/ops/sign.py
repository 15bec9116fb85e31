"""y = -1, 0 or 1 as x is below, at or above zero; NaN stays."""

from __future__ import annotations

import numpy as np

from simref.ops._binary import INTEGERS
from simref.ops._elementwise import elements
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._unary import plain, unary_form

OP = Op(
    name="SIGN",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="SignOptions"),
    macc=elements,
    forms=(
        unary_form("sign_array", plain(np.sign), rounding="none: exact"),
        unary_form("sign_array", plain(np.sign), dtypes=INTEGERS, rounding="none: exact"),
    ),
)
