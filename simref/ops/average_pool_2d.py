"""y[n, i, j, c] = activation(mean of x[n, s*i + k - p, s*j + l - p, c] over the taps (k, l) inside the image)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simref.graph import Array, Layer
from simref.ops._activation import activation_range
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, equation_of
from simref.ops._pool import (
    POOL_RULES,
    POOL_RULES_F32,
    attributes,
    clamped_f32,
    in_place,
    inside_counts,
    kernel_call,
    kernel_call_f32,
    macc,
    pooled,
    pooled_f32,
    taps,
)
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


def _counts(layer: Layer) -> Array:
    """How many taps each mean counts: (rows, columns, 1), float32."""
    a, (rows, columns) = layer.attributes, inside_counts(layer)
    counts = np.outer(rows, columns)
    if a.include_pad:
        counts = np.full_like(counts, a.kernel[0] * a.kernel[1])
    return counts[..., np.newaxis].astype(np.float32)


def reference_f32(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Sums from +0.0 on, so that zeros in the padding change nothing, divided once."""
    images = padded(as_images(inputs[0]), layer.attributes.pads, 0)
    sums = np.zeros((len(images), *layer.output.shape[1:]), np.float32)
    with np.errstate(all="ignore"):
        for x in taps(layer, images):
            sums += x
    return clamped_f32(layer, sums / _counts(layer))


def numba_f32(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same pixel by pixel in compiled code."""
    from simref.ops._numba_sums import summed_images

    return clamped_f32(layer, pooled_f32(layer, inputs[0], summed_images) / _counts(layer))


def kernels_f32(layer: Layer) -> tuple[KernelCall, ...]:
    """One call."""
    return (kernel_call_f32(layer, "average_pool_2d_f32"),)


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
            in_place=in_place,
        ),
        Form(
            rounding="float32: each step of the sum, then the quotient",
            rules=POOL_RULES_F32,
            reference=reference_f32,
            numba=numba_f32,
            kernels=kernels_f32,
            in_place=in_place,
        ),
    ),
)
