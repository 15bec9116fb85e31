"""y = |x|; integers wrap."""

from __future__ import annotations

import numpy as np

from simref.ops._binary import INTEGERS
from simref.ops._elementwise import elements
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._unary import plain, unary_form

OP = Op(
    name="ABS",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="AbsOptions"),
    macc=elements,
    forms=(
        unary_form("abs_array", plain(np.abs), rounding="none: exact"),
        unary_form("abs_array", plain(np.abs), dtypes=INTEGERS, rounding="none: integers wrap"),
    ),
)
