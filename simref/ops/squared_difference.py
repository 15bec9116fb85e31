"""y = (a - b)^2, with broadcasting."""

from __future__ import annotations

import numpy as np

from simref.graph import Array
from simref.ops._binary import float_form, integer_form, plain
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._unary import two_per_element


def squared_difference(a: Array, b: Array) -> Array:
    """Two roundings in float32."""
    return np.asarray(np.square(a - b))


OP = Op(
    name="SQUARED_DIFFERENCE",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="SquaredDifferenceOptions"),
    macc=two_per_element,
    forms=(
        float_form("squared_difference", plain(squared_difference)),
        integer_form("squared_difference", plain(squared_difference)),
    ),
)
