"""y = x / (1 + |x|)."""

from __future__ import annotations

import numpy as np

from simref.graph import Array
from simref.ops._op import Op, equation_of
from simref.ops._unary import plain, two_per_element, unary_form


def softsign(x: Array) -> Array:
    """The sum is rounded, then the quotient."""
    return np.asarray(x / (np.float32(1) + np.abs(x)))


OP = Op(
    name="SOFTSIGN",
    equation=equation_of(__doc__),
    tflite=None,
    macc=two_per_element,
    forms=(unary_form("softsign_array", plain(softsign)),),
)
