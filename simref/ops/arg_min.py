"""y = the first index along `axis` at which x is smallest; the last one if so asked.

A NaN is passed over unless it is the first element that is looked at.
"""

from __future__ import annotations

from simref.ops._arg import Attributes, arg_form, attributes
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._reduce import input_elements
from simref.ops._reduce_numbers import place_of_smallest

__all__ = ["OP", "Attributes"]

OP = Op(
    name="ARG_MIN",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="ArgMinOptions", attributes=attributes, operands=1),
    macc=input_elements,
    forms=(arg_form("arg_min", place_of_smallest, ("int8", "float32", "int32", "int64")),),
)
