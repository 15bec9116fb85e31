"""y = tanh(x)."""

from __future__ import annotations

import numpy as np

from simref import float32
from simref.fixedpoint import Int64
from simref.graph import Layer
from simref.ops._lookup import lookup_form
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._sigmoidal import Float32, tabulated, ten_per_element
from simref.ops._unary import summed, unary_form


def tanh(x: Float32) -> Float32:
    """The correctly rounded float32 tanh."""
    return np.tanh(x.astype(np.float64)).astype(np.float32)


def function(layer: Layer, x: Int64) -> Float32:
    """Equals TFLite's int8 TANH."""
    return tabulated(tanh, layer, x)


OP = Op(
    name="TANH",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(),
    macc=ten_per_element,
    forms=(
        lookup_form(function, "once, half away from zero, in float32"),
        unary_form("tanh_array", summed(float32.tanh)),
    ),
)
