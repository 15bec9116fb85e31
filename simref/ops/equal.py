"""y = a == b, with broadcasting."""

from __future__ import annotations

import numpy as np

from simref.ops._binary import NUMBERS, predicate_form
from simref.ops._elementwise import elements
from simref.ops._op import Op, TFLiteBinding, equation_of

OP = Op(
    name="EQUAL",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="EqualOptions"),
    macc=elements,
    forms=(predicate_form("equal", np.equal, (*NUMBERS, "bool")),),
)
