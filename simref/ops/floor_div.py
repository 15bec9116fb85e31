"""y = floor(a / b), with broadcasting."""

from __future__ import annotations

from simref.ops._binary import float_form, integer_form, plain
from simref.ops._division import floor_quotient
from simref.ops._elementwise import elements
from simref.ops._op import Op, TFLiteBinding, equation_of

OP = Op(
    name="FLOOR_DIV",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="FloorDivOptions"),
    macc=elements,
    forms=(
        float_form("floor_div", plain(floor_quotient)),
        integer_form("floor_div", plain(floor_quotient), rounding="towards minus infinity"),
    ),
)
