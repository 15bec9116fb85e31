"""y = a^b, with broadcasting."""

from __future__ import annotations

import numpy as np

from simref import float32
from simref.graph import Array
from simref.ops._binary import float_form, integer_form, plain
from simref.ops._op import Op, TFLiteBinding, equation_of
from simref.ops._sigmoidal import ten_per_element


def integer_power(a: Array, b: Array) -> Array:
    """The power of integers, which wraps; a negative exponent gives the quotient 1 / a^-b, and 0 for a = 0."""
    power, square, left = np.ones_like(a), a, np.maximum(b, 0)
    while left.any():
        power = np.where(left & 1, power * square, power)
        square, left = square * square, left >> 1
    unit = np.where(b & 1, a, a * a)
    return np.where(b >= 0, power, np.where(np.abs(a) == 1, unit, 0))


OP = Op(
    name="POW",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="PowOptions"),
    macc=ten_per_element,
    forms=(float_form("pow_array", float32.power), integer_form("pow_array", plain(integer_power))),
)
