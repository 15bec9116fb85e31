"""y = sin(x)."""

from __future__ import annotations

from simref import float32
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._sigmoidal import ten_per_element
from simref.ops._unary import summed, unary_form

OP = Op(
    name="SIN",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(),
    macc=ten_per_element,
    forms=(unary_form("sin_array", summed(float32.sin)),),
)
