"""y[n, i, j, c] = activation(mean of x[n, s*i + k - p, s*j + l - p, c] over the taps (k, l) inside the image)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simref.graph import Array, Layer
from simref.ops._activation import activation_range
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, equation_of, never_in_place
from simref.ops._pool import POOL_RULES, attributes, kernel_call, macc, pooled, taps
from simref.ops._window import as_images, padded


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Equals TFLite reference_integer_ops::AveragePool: the integer nearest to the mean, ties away from zero."""
    pads = layer.attributes.pads
    images = as_images(inputs[0]).astype(np.int32)
    sums = sum(taps(layer, padded(images, pads, 0)), np.int32(0))
    counts = sum(taps(layer, padded(np.ones_like(images[:1]), pads, 0)), np.int32(0))
    y = np.sign(sums) * ((np.abs(sums) + counts // 2) // counts)
    low, high = activation_range(layer.attributes.activation, layer.output)
    return (y.clip(low, high).astype(np.int8).reshape(len(inputs[0]), *layer.output.shape),)


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same pixel by pixel in compiled code."""
    from simref.ops._numba import average_images

    return pooled(layer, inputs[0], average_images)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call."""
    return (kernel_call(layer, "average_pool_2d_s8"),)


OP = Op(
    name="AVERAGE_POOL_2D",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="Pool2DOptions", attributes=attributes),
    macc=macc,
    forms=(
        Form(
            rounding="once, ties away from zero",
            rules=POOL_RULES,
            reference=reference,
            numba=numba,
            kernels=kernels,
            in_place=never_in_place,
        ),
    ),
)
