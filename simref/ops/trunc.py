"""y = x without its fraction."""

from __future__ import annotations

import numpy as np

from simref.ops._elementwise import elements
from simref.ops._op import Op, equation_of
from simref.ops._unary import plain, unary_form

OP = Op(
    name="TRUNC",
    equation=equation_of(__doc__),
    tflite=None,
    macc=elements,
    forms=(unary_form("trunc_array", plain(np.trunc), rounding="none: towards zero"),),
)
