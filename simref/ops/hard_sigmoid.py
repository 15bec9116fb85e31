"""y = min(max(alpha * x + beta, 0), 1)."""

from __future__ import annotations

from dataclasses import dataclass

from simref import float32
from simref.graph import Array, Layer
from simref.ops._numbers import clamp, finite
from simref.ops._op import Op, equation_of
from simref.ops._unary import attribute_params, coefficient, two_per_element, unary_form


@dataclass(frozen=True)
class Attributes:
    """alpha, beta: slope and offset of the line between both ends."""

    alpha: float = 0.2
    beta: float = 0.5


def hard_sigmoid(layer: Layer, x: Array) -> Array:
    """The sum is fused or not as `Layer.fused` says."""
    line = float32.multiply_add(coefficient(layer, "alpha"), x, coefficient(layer, "beta"), layer.fused)
    return clamp(line, 0, 1)


OP = Op(
    name="HARD_SIGMOID",
    equation=equation_of(__doc__),
    tflite=None,
    macc=two_per_element,
    forms=(
        unary_form(
            "hard_sigmoid_array",
            hard_sigmoid,
            params=attribute_params("alpha", "beta"),
            rules=(finite("alpha", "beta"),),
        ),
    ),
)
