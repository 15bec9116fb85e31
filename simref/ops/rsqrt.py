"""y = 1 / sqrt(x)."""

from __future__ import annotations

from simref import float32
from simref.ops._elementwise import elements
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._unary import summed, unary_form

OP = Op(
    name="RSQRT",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(),
    macc=elements,
    forms=(unary_form("rsqrt_array", summed(float32.rsqrt)),),
)
