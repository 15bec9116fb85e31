"""y[n, …, c] = (x[n, …, c] - mean) / sqrt(variance + epsilon) * scale[c] + bias[c], mean and variance for each n, c.

simref/ops/_normalization.py gives the order of every sum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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


@dataclass(frozen=True)
class Attributes:
    """epsilon: see the equation."""

    epsilon: float


def _channels(layer: Layer) -> Shape:
    return layer.input(0).shape[-1:]


def _grouped(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, Array, Array]:
    """(samples, images, channels, pixels) and what broadcasts with it."""
    x, (scale, bias) = inputs[0], affine(layer, inputs)
    pixels = x.reshape(*x.shape[:2], -1, x.shape[-1])
    return np.moveaxis(pixels, 2, 3), scale[:, np.newaxis, :, np.newaxis], bias[:, np.newaxis, :, np.newaxis]


def _restored(layer: Layer, y: Array) -> Array:
    return np.ascontiguousarray(np.moveaxis(y, 2, 3)).reshape(len(y), *layer.output.shape)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call over the images."""
    images, *pixels, channels = layer.input(0).shape
    params: dict[str, Value] = {
        "images": images,
        "channels": channels,
        **group_params(layer, math.prod(pixels), step=channels, affine_step=0),
    }
    return (KernelCall(kernel="instance_normalization_f32", params=params, operands=(0, GAMMA, BETA)),)


OP = Op(
    name="INSTANCE_NORMALIZATION",
    equation=equation_of(__doc__),
    tflite=None,
    macc=macc,
    forms=(normalization_form(normalization_rules("scale", "bias", 2, _channels), _grouped, _restored, kernels),),
)
