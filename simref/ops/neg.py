"""y = -x; integers wrap."""

from __future__ import annotations

import numpy as np

from simref.ops._binary import INTEGERS
from simref.ops._elementwise import elements
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._unary import plain, unary_form

OP = Op(
    name="NEG",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="NegOptions"),
    macc=elements,
    forms=(
        unary_form("neg_array", plain(np.negative), rounding="none: exact"),
        unary_form("neg_array", plain(np.negative), dtypes=INTEGERS, rounding="none: integers wrap"),
    ),
)
