"""y = erf(x)."""

from __future__ import annotations

from simref import float32
from simref.ops._op import Op, equation_of
from simref.ops._sigmoidal import ten_per_element
from simref.ops._unary import summed, unary_form

OP = Op(
    name="ERF",
    equation=equation_of(__doc__),
    tflite=None,
    macc=ten_per_element,
    forms=(unary_form("erf_array", summed(float32.erf)),),
)
