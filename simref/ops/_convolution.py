"""Convolution as a matrix product: CONV_2D, and the phases of TRANSPOSE_CONV."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.graph import Array, Layer
from simref.ops._activation import Activation
from simref.ops._op import Value
from simref.ops._quantized import WEIGHTS, Requantization, exact_float, requantize
from simref.ops._window import Pads, Pair, as_images, padded, windows

# Elements of the matrix of windows that are built at a time: 16 MB of float32, which stays near the caches.
_CHUNK = 1 << 22

Finish = Callable[[Array, Array, Requantization], Array]


@dataclass(frozen=True)
class ConvAttributes:
    """stride and dilation: (down, across). pads: (top, bottom, left, right)."""

    stride: Pair
    dilation: Pair
    pads: Pads
    activation: Activation


def kernel_size(layer: Layer) -> Pair:
    """Height and width of the filters, the middle dimensions of the weights."""
    _, height, width, _ = layer.input(WEIGHTS).shape
    return height, width


def finish(sums: Array, bias: Array, scales: Requantization) -> Array:
    """int8 of exact float sums (rows, channels), the bias added."""
    return requantize(sums.astype(np.int64), bias, scales)


def finish_numba(sums: Array, bias: Array, scales: Requantization) -> Array:
    """The same in one pass of compiled code."""
    from simref.ops._numba import requantize_rows

    multiplier, shift = scales_per_channel(scales, sums.shape[1])
    y: Array = requantize_rows(sums, bias, multiplier, shift, scales.zero_point, scales.low, scales.high)
    return y


def scales_per_channel(scales: Requantization, channels: int) -> tuple[Array, Array]:
    """(multiplier, shift) as contiguous int64, one of each per channel."""
    pair = (scales.multiplier, scales.shift)
    multiplier, shift = (np.array(np.broadcast_to(m, (channels,)), np.int64, order="C") for m in pair)
    return multiplier, shift


def convolve(layer: Layer, x: Array, weights: Array, bias: Array, scales: Requantization, end: Finish) -> Array:
    """int8 (samples, *output) of x (samples, *input) and OHWI weights, which may see one group of channels each.

    The sums are exact, so a BLAS may add them in any order; see `exact_float`.
    """
    a, zero_point = layer.attributes, layer.input(0).zero_point
    channels, *kernel, depth = weights.shape
    rows = weights.reshape(channels, -1)
    dtype = exact_float(rows, zero_point)
    columns = rows.astype(dtype).T
    groups = x.shape[-1] // depth
    images = as_images(x)
    _, height, width, _ = layer.output.shape
    y = np.empty((len(images), height, width, channels), np.int8)
    step = max(1, _CHUNK // (height * width * rows.shape[1]))
    for first in range(0, len(images), step):
        chunk = padded(images[first : first + step].astype(dtype) - dtype.type(zero_point), a.pads, 0)
        seen = windows(chunk, (kernel[0], kernel[1]), a.stride, a.dilation)
        sums = [
            seen[..., g * depth : (g + 1) * depth].reshape(-1, rows.shape[1]) @ columns[:, part]
            for g, part in enumerate(channel_groups(channels, groups))
        ]
        joined = sums[0] if groups == 1 else np.concatenate(sums, axis=1)
        y[first : first + step] = end(joined, bias, scales).reshape(-1, height, width, channels)
    return y.reshape(len(x), *layer.output.shape)


def channel_groups(channels: int, groups: int) -> Iterator[slice]:
    """The output channels of each group."""
    share = channels // groups
    return (slice(g * share, (g + 1) * share) for g in range(groups))


@dataclass(frozen=True)
class Placement:
    """Where a kernel call writes: its rows and columns, and the distances between them in the output, in elements."""

    height: int
    width: int
    image: int
    row: int
    pixel: int
    first: int


def conv_params(layer: Layer, kernel: Pair, depth: int, first_input: int, placed: Placement) -> dict[str, Value]:
    """The geometry of a convolution: fields that struct simref_conv_2d_s8_params and simref_convolution_f32 share."""
    a: Any = layer.attributes
    batches, height, width, channels = layer.input(0).shape
    return {
        "batches": batches,
        "input_height": height,
        "input_width": width,
        "input_channels": channels,
        "depth": depth,
        "first_input": first_input,
        "kernel_height": kernel[0],
        "kernel_width": kernel[1],
        "stride_height": a.stride[0],
        "stride_width": a.stride[1],
        "dilation_height": a.dilation[0],
        "dilation_width": a.dilation[1],
        "pad_top": a.pads[0],
        "pad_left": a.pads[2],
        "output_height": placed.height,
        "output_width": placed.width,
        "output_image": placed.image,
        "output_row": placed.row,
        "output_pixel": placed.pixel,
        "first_output": placed.first,
    }
