"""y = a >= b, with broadcasting."""

from __future__ import annotations

import numpy as np

from simref.ops._binary import predicate_form
from simref.ops._elementwise import elements
from simref.ops._op import Op, TFLiteBinding, equation_of

OP = Op(
    name="GREATER_EQUAL",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="GreaterEqualOptions"),
    macc=elements,
    forms=(predicate_form("greater_equal", np.greater_equal),),
)
