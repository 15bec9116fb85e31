"""y = activation(a / b), with broadcasting; integers are rounded towards zero."""

from __future__ import annotations

from simref.ops._binary import arithmetic_macc, float_form, integer_form, plain
from simref.ops._division import quotient
from simref.ops._elementwise import fused_activation
from simref.ops._op import Op, TFLiteBinding, equation_of

OP = Op(
    name="DIV",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="DivOptions", attributes=fused_activation),
    macc=arithmetic_macc,
    forms=(
        float_form("div", plain(quotient), activation=True),
        integer_form("div", plain(quotient), rounding="towards zero", activation=True),
    ),
)
