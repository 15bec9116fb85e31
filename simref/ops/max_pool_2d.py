"""y[n, i, j, c] = activation(largest of x[n, s*i + k - p, s*j + l - p, c] over the taps (k, l) inside the image)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from simref.graph import Array, Layer
from simref.ops._activation import activation_range
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, equation_of, never_in_place
from simref.ops._pool import POOL_RULES, attributes, kernel_call, macc, pooled, taps
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
            in_place=never_in_place,
        ),
    ),
)
