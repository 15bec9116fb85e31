"""y = the product of x over `axes`."""

from __future__ import annotations

from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._reduce import attributes, input_elements
from simref.ops._reduce_numbers import ONE_LANE, WRAPS, multiplied, number_form

OP = Op(
    name="REDUCE_PROD",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="ReducerOptions", attributes=attributes, operands=1),
    macc=input_elements,
    forms=(
        number_form("float32", "reduce_prod", multiplied, ONE_LANE),
        *(number_form(dtype, "reduce_prod", multiplied, WRAPS) for dtype in ("int32", "int64")),
    ),
)
