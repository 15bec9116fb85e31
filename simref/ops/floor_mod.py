"""y = a - b * floor(a / b), with broadcasting."""

from __future__ import annotations

from simref.ops._binary import float_form, integer_form, plain
from simref.ops._division import floor_remainder
from simref.ops._elementwise import elements
from simref.ops._op import Op, TFLiteBinding, equation_of

OP = Op(
    name="FLOOR_MOD",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="FloorModOptions"),
    macc=elements,
    forms=(
        float_form("floor_mod", plain(floor_remainder)),
        integer_form("floor_mod", plain(floor_remainder), rounding="none: exact"),
    ),
)
