"""y = a^b, with broadcasting."""

from __future__ import annotations

from simref import float32
from simref.ops._binary import float_form
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._sigmoidal import ten_per_element

OP = Op(
    name="POW",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="PowOptions"),
    macc=ten_per_element,
    forms=(float_form("pow_array", float32.power),),
)
