"""y = a - b * trunc(a / b), exactly, with broadcasting."""

from __future__ import annotations

from simref.ops._binary import float_form, integer_form, plain
from simref.ops._division import remainder
from simref.ops._elementwise import elements
from simref.ops._op import Op, equation_of

OP = Op(
    name="FMOD",
    equation=equation_of(__doc__),
    tflite=None,
    macc=elements,
    forms=(
        float_form("fmod", plain(remainder), rounding="none: exact"),
        integer_form("fmod", plain(remainder), rounding="none: exact"),
    ),
)
