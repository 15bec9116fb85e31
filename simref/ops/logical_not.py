"""y = not x."""

from __future__ import annotations

import numpy as np

from simref.ops._elementwise import elements
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._unary import plain, unary_form

OP = Op(
    name="LOGICAL_NOT",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="LogicalNotOptions"),
    macc=elements,
    forms=(unary_form("logical_not_array", plain(np.logical_not), dtypes=("bool",), rounding="none: logic"),),
)
