"""y = x where x > alpha, else 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simref.graph import Array, Layer
from simref.ops._elementwise import elements
from simref.ops._numbers import finite
from simref.ops._op import Op, equation_of
from simref.ops._unary import attribute_params, coefficient, unary_form


@dataclass(frozen=True)
class Attributes:
    """alpha: what x must exceed."""

    alpha: float = 1.0


def thresholded_relu(layer: Layer, x: Array) -> Array:
    """NaN gives 0."""
    return np.where(x > coefficient(layer, "alpha"), x, np.float32(0))


OP = Op(
    name="THRESHOLDED_RELU",
    equation=equation_of(__doc__),
    tflite=None,
    macc=elements,
    forms=(
        unary_form(
            "thresholded_relu_array", thresholded_relu, params=attribute_params("alpha"), rules=(finite("alpha"),)
        ),
    ),
)
