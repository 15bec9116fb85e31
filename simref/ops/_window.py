"""Sliding windows over NHWC images: explicit pads from TFLite's SAME and VALID, output sizes, NumPy views."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from simref.errors import ModelError
from simref.graph import Array, Layer, Shape, Tensor
from simref.ops._rules import Custom, InRange, Rule

Pair = tuple[int, int]
Pads = tuple[int, int, int, int]

_SAME, _VALID = 0, 1
MAX_STEP = 32767  # of strides and dilations, as in TFLite

STEP_RULES: tuple[Rule, ...] = (
    InRange("stride", 1, MAX_STEP),
    InRange("dilation", 1, MAX_STEP),
    InRange("pads", 0, MAX_STEP),
)
"""Of the attributes of a convolution."""


def image_shape(tensor: Tensor, name: str) -> tuple[int, int, int, int]:
    """The four dimensions of a tensor; raises ModelError, without the layer's name, when it has another number."""
    if len(tensor.shape) != 4:
        raise ModelError(f"{name} has {len(tensor.shape)} dimensions, must have 4")
    a, b, c, d = tensor.shape
    return a, b, c, d


def window_pads(code: int, size: Pair, kernel: Pair, stride: Pair, dilation: Pair = (1, 1)) -> Pads:
    """(top, bottom, left, right) of TFLite's Padding code: SAME gives ceil(size / stride) outputs, VALID pads nothing.

    Equals TFLite `ComputePaddingWithOffset`: an odd total leaves the larger half at the bottom and right. Raises
    ModelError for another code and for steps below 1.
    """
    if code not in (_SAME, _VALID):
        raise ModelError(f"padding code is {code}, must be SAME or VALID")
    if min(*stride, *dilation, *kernel) < 1:
        raise ModelError(f"kernel, stride and dilation are {kernel}, {stride} and {dilation}, must be 1 or more")
    if code == _VALID:
        return (0, 0, 0, 0)
    pads: list[int] = []
    for n, k, s, d in zip(size, kernel, stride, dilation, strict=True):
        total = max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
        pads += [total // 2, total - total // 2]
    return (pads[0], pads[1], pads[2], pads[3])


def window_counts(size: Pair, kernel: Pair, stride: Pair, dilation: Pair, pads: Pads) -> Pair:
    """How many windows fit down and across the padded image; 0 or less where none does."""
    height = (size[0] + pads[0] + pads[1] - (kernel[0] - 1) * dilation[0] - 1) // stride[0] + 1
    width = (size[1] + pads[2] + pads[3] - (kernel[1] - 1) * dilation[1] - 1) // stride[1] + 1
    return height, width


def padded(images: Array, pads: Pads, fill: float) -> Array:
    """Images (n, height, width, channels) with `fill` around them."""
    top, bottom, left, right = pads
    n, height, width, channels = images.shape
    result = np.full((n, height + top + bottom, width + left + right, channels), fill, images.dtype)
    result[:, top : top + height, left : left + width] = images
    return result


def windows(images: Array, kernel: Pair, stride: Pair, dilation: Pair) -> Array:
    """A view (n, rows, columns, kernel height, kernel width, channels) of padded images."""
    n, height, width, channels = images.shape
    rows, columns = window_counts((height, width), kernel, stride, dilation, (0, 0, 0, 0))
    of_image, of_row, of_column, of_channel = images.strides
    strides = (of_row * stride[0], of_column * stride[1], of_row * dilation[0], of_column * dilation[1])
    shape = (n, rows, columns, *kernel, channels)
    return as_strided(images, shape, (of_image, *strides, of_channel), writeable=False)


def tap(images: Array, y: int, x: int, counts: Pair, stride: Pair, dilation: Pair) -> Array:
    """What tap (y, x) of all windows sees of padded images: a view (n, rows, columns, channels)."""
    top, left = y * dilation[0], x * dilation[1]
    bottom, right = top + (counts[0] - 1) * stride[0] + 1, left + (counts[1] - 1) * stride[1] + 1
    return images[:, top : bottom : stride[0], left : right : stride[1]]


def as_images(array: Array) -> Array:
    """Samples of a tensor (batch, height, width, channels) as one axis of images."""
    return array.reshape(-1, *array.shape[-3:])


def conv_steps(options: Any) -> tuple[Pair, Pair]:
    """(stride, dilation) of the options table of a convolution."""
    stride = (options.StrideH(), options.StrideW())
    return stride, (options.DilationHFactor(), options.DilationWFactor())


def image_output(layer: Layer, kernel: Pair, channels: int) -> tuple[Shape, ...]:
    """The output shape of a layer whose attributes have stride, dilation and pads."""
    batch, height, width, _ = layer.input(0).shape
    a = layer.attributes
    return ((batch, *window_counts((height, width), kernel, a.stride, a.dilation, a.pads), channels),)


def windows_fit(kernel: Callable[[Layer], Pair]) -> Rule:
    """The rule that at least one window fits into the padded image."""

    def violation(layer: Layer) -> str | None:
        size, a = layer.input(0).shape[1:3], layer.attributes
        if min(window_counts((size[0], size[1]), kernel(layer), a.stride, a.dilation, a.pads)) >= 1:
            return None
        return f"no window of {kernel(layer)} with dilation {a.dilation} fits into {size} with the pads {a.pads}"

    return Custom("at least one window fits into the padded image", violation, _break_windows)


def _break_windows(layer: Layer) -> Layer:
    batch, _, _, channels = layer.input(0).shape
    dot = dataclasses.replace(layer.input(0), shape=(batch, 1, 1, channels))
    unpadded = dataclasses.replace(layer.attributes, pads=(0, 0, 0, 0))
    return layer.replace(inputs=(dot, *layer.inputs[1:]), attributes=unpadded)


def widened_input(layer: Layer) -> Layer:
    """The layer with an input of more channels, a number that no weights divide."""
    batch, height, width, channels = layer.input(0).shape
    wider = dataclasses.replace(layer.input(0), shape=(batch, height, width, channels * 2 + 1))
    return layer.replace(inputs=(wider, *layer.inputs[1:]))
