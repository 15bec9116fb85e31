"""y = activation(a + b), in real numbers, with broadcasting."""

from __future__ import annotations

import numpy as np

from simref.ops._addition import addition_form
from simref.ops._binary import arithmetic_macc, float_form, integer_form, plain
from simref.ops._elementwise import fused_activation
from simref.ops._op import Op, TFLiteBinding, equation_of

OP = Op(
    name="ADD",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="AddOptions", attributes=fused_activation),
    macc=arithmetic_macc,
    forms=(
        addition_form(1, "sum"),
        float_form("add", plain(np.add), activation=True),
        integer_form("add", plain(np.add), activation=True),
    ),
)
