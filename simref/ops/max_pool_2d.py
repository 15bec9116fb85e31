"""y[n, i, j, c] = activation(largest of x[n, s*i + k - p, s*j + l - p, c] over the taps (k, l) inside the image)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

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
    kernel_call,
    kernel_call_f32,
    macc,
    pooled,
    pooled_f32,
    taps,
)
from simref.ops._window import as_images, padded


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Equals TFLite reference_integer_ops::MaxPool."""
    images = padded(as_images(inputs[0]), layer.attributes.pads, -128)
    largest = reduce(np.maximum, taps(layer, images))
    low, high = activation_range(layer.attributes.activation, layer.output)
    return (largest.clip(low, high).astype(np.int8).reshape(len(inputs[0]), *layer.output.shape),)


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same pixel by pixel in compiled code."""
    from simref.ops._numba import largest_images

    return pooled(layer, inputs[0], largest_images)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call."""
    return (kernel_call(layer, "max_pool_2d_s8"),)


def reference_f32(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The largest of each window, begun at minus infinity: a NaN is never the larger one."""
    images = padded(as_images(inputs[0]), layer.attributes.pads, -np.inf)
    largest = np.full((len(images), *layer.output.shape[1:]), -np.inf, np.float32)
    for x in taps(layer, images):
        largest = np.where(x > largest, x, largest)
    return clamped_f32(layer, largest)


def numba_f32(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same pixel by pixel in compiled code."""
    from simref.ops._numba_sums import largest_images

    return clamped_f32(layer, pooled_f32(layer, inputs[0], largest_images))


def kernels_f32(layer: Layer) -> tuple[KernelCall, ...]:
    """One call."""
    return (kernel_call_f32(layer, "max_pool_2d_f32"),)


OP = Op(
    name="MAX_POOL_2D",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="Pool2DOptions", attributes=attributes),
    macc=macc,
    forms=(
        Form(
            rounding="none: picks an input",
            rules=POOL_RULES,
            reference=reference,
            numba=numba,
            kernels=kernels,
            in_place=in_place,
        ),
        Form(
            rounding="none: picks an input",
            rules=POOL_RULES_F32,
            reference=reference_f32,
            numba=numba_f32,
            kernels=kernels_f32,
            in_place=in_place,
        ),
    ),
)
