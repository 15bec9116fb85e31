"""y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, mean and variance over the axes from `axis` to the last.

simref/ops/_normalization.py gives the order of every sum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from simref.graph import Array, Layer, Shape
from simref.ops._normalization import (
    BETA,
    GAMMA,
    affine,
    group_params,
    macc,
    normalization_form,
    normalization_rules,
)
from simref.ops._op import KernelCall, Op, Value, equation_of
from simref.ops._rows import AXIS, axis_of


@dataclass(frozen=True)
class Attributes:
    """axis: the first normalized axis, from the front, or from the end if negative. epsilon: see the equation."""

    axis: int
    epsilon: float


def normalized_shape(layer: Layer) -> Shape:
    """The shape of what is normalized together."""
    return layer.input(0).shape[axis_of(layer) :]


def _grouped(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, Array, Array]:
    """(samples, rows, count) and what broadcasts with it."""
    x, (gamma, beta) = inputs[0], affine(layer, inputs)
    count = math.prod(normalized_shape(layer))
    return x.reshape(len(x), -1, count), gamma.reshape(len(gamma), 1, -1), beta.reshape(len(beta), 1, -1)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call over the rows."""
    count = math.prod(normalized_shape(layer))
    params: dict[str, Value] = {
        "rows": layer.input(0).elements // count,
        **group_params(layer, count, step=1, affine_step=1),
    }
    return (KernelCall(kernel="layer_normalization_f32", params=params, operands=(0, GAMMA, BETA)),)


OP = Op(
    name="LAYER_NORMALIZATION",
    equation=equation_of(__doc__),
    tflite=None,
    macc=macc,
    forms=(
        normalization_form(
            normalization_rules("gamma", "beta", 1, normalized_shape, AXIS),
            _grouped,
            lambda layer, y: y.reshape(len(y), *layer.output.shape),
            kernels,
        ),
    ),
)
