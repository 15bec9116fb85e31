"""Drawn convolutions, dense layers and pools."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simref.graph import Quantization
from simref.ops import fully_connected, transpose_conv
from simref.ops._activation import Activation
from simref.ops._convolution import ConvAttributes
from simref.ops._pool import Attributes as PoolAttributes
from simref.ops._window import Pads, Pair, window_counts, window_pads
from simref.ops.depthwise_conv_2d import Attributes as DepthwiseAttributes
from simref.sweep._sheet import Draw, Family, Rng, Sheet, between, one_of

_MOST_MACC = 400_000
_MOST_ELEMENTS = 16_000
_INPUT_SCALE, _WEIGHT_SCALE = 0.05, 0.01
# Standard deviation of a product of two uniform int8 values.
_PRODUCT = 256**2 / 12
_KERNELS: tuple[Pair, ...] = ((3, 3), (3, 3), (5, 5), (1, 3), (3, 1), (7, 1), (1, 5), (2, 2), (4, 4), (10, 4))


@dataclass(frozen=True)
class _Geometry:
    size: Pair
    kernel: Pair
    stride: Pair
    dilation: Pair
    pads: Pads
    output: Pair

    @property
    def taps(self) -> int:
        return math.prod(self.kernel) * math.prod(self.output)


def _geometry(rng: Rng, kernel: Pair, largest: int, *, dilated: bool = True) -> _Geometry:
    while True:
        size = (one_of(rng, 1, between(rng, 1, largest), between(rng, 4, largest)), between(rng, 1, largest))
        stride = one_of(rng, (1, 1), (1, 1), (2, 2), (2, 1), (1, 2), (3, 3))
        dilation = one_of(rng, *[(1, 1)] * 6, (2, 2), (1, 3)) if dilated else (1, 1)
        pads = window_pads(int(rng.integers(2)), size, kernel, stride, dilation)
        output = window_counts(size, kernel, stride, dilation, pads)
        if min(output) > 0 and all(pad < k for pad, k in zip(pads, np.repeat(kernel, 2), strict=True)):
            return _Geometry(size, kernel, stride, dilation, pads, output)


def _weights(sheet: Sheet, rng: Rng, shape: tuple[int, ...], axis: int) -> int:
    """Weights with a scale per channel; now and then channels of a few large ones, whose sums are hardly scaled."""
    scale = _WEIGHT_SCALE * rng.uniform(0.7, 1.4, shape[axis])
    data = rng.integers(-127, 128, shape, np.int8)
    if rng.random() < 0.2:
        large = np.flatnonzero(rng.random(shape[axis]) < 0.3)
        scale[large] *= 150 * math.sqrt(data.size / shape[axis])
        data[(slice(None),) * axis + (large,)] //= 100
    return sheet.constant(data, Quantization(scale.astype(np.float32), np.zeros(len(scale), np.int64), axis))


def _bias(sheet: Sheet, rng: Rng, channels: int) -> int:
    return sheet.constant(rng.integers(-5000, 5000, channels, np.int32))


def _finish(rng: Rng, terms: int) -> tuple[Activation, float, int]:
    """Activation, output scale and zero point: outputs spread over most of int8, half of them at -128 after a ReLU.

    As in trained networks, few layers have a clamp inside int8's range, which costs a pass of its own.
    """
    scale = _INPUT_SCALE * _WEIGHT_SCALE * _PRODUCT * math.sqrt(terms) / 50
    activation = one_of(rng, *[Activation.NONE] * 3, *[Activation.RELU] * 3, Activation.RELU6)
    zero_point = one_of(rng, 0, -10) if activation is Activation.NONE or rng.random() < 0.2 else -128
    return activation, scale, zero_point


def conv_2d(sheet: Sheet, rng: Rng) -> None:
    """One window per output pixel, of any shape; now and then in groups."""
    while True:
        kernel = one_of(rng, *_KERNELS)
        groups = one_of(rng, *[1] * 8, 2, 3)
        depth, channels = one_of(rng, between(rng, 1, 8), between(rng, 1, 64)), groups * between(rng, 1, 48)
        g = _geometry(rng, kernel, 48)
        few = math.prod(g.size) * depth * groups <= _MOST_ELEMENTS
        if few and g.taps * depth * channels <= _MOST_MACC:
            break
    _convolution(sheet, rng, g, depth, channels, groups)


def conv_2d_strided_1x1(sheet: Sheet, rng: Rng) -> None:
    """One tap, but some pixels skipped."""
    while True:
        g = _geometry(rng, (1, 1), 32, dilated=False)
        depth, channels = between(rng, 1, 96), between(rng, 1, 64)
        few = math.prod(g.size) * depth <= _MOST_ELEMENTS
        if few and max(g.stride) > 1 and g.taps * depth * channels <= _MOST_MACC:
            break
    _convolution(sheet, rng, g, depth, channels, 1)


def conv_2d_1x1(sheet: Sheet, rng: Rng) -> None:
    """A dense layer over the pixels."""
    while True:
        size = (between(rng, 1, 32), between(rng, 1, 32))
        depth, channels = between(rng, 1, 160), between(rng, 1, 128)
        pixels = math.prod(size)
        if pixels * depth <= _MOST_ELEMENTS and pixels * depth * channels <= _MOST_MACC:
            break
    _convolution(sheet, rng, _Geometry(size, (1, 1), (1, 1), (1, 1), (0, 0, 0, 0), size), depth, channels, 1)


def _convolution(sheet: Sheet, rng: Rng, g: _Geometry, depth: int, channels: int, groups: int) -> None:
    x = sheet.input((1, *g.size, depth * groups), scale=_INPUT_SCALE)
    w = _weights(sheet, rng, (channels, *g.kernel, depth), 0)
    activation, scale, zero_point = _finish(rng, math.prod(g.kernel) * depth)
    attributes = ConvAttributes(g.stride, g.dilation, g.pads, activation)
    inputs = (x, w, _bias(sheet, rng, channels))
    sheet.layer("CONV_2D", inputs, attributes, scale=scale, zero_point=zero_point)


def transposed(sheet: Sheet, rng: Rng) -> None:
    """Phases of a convolution, each with a part of the taps."""
    while True:
        kernel, stride = one_of(rng, (2, 2), (3, 3), (4, 4), (1, 4)), one_of(rng, (1, 1), (2, 2), (1, 2))
        size = (between(rng, 1, 16), between(rng, 1, 16))
        depth, channels, code = between(rng, 1, 32), between(rng, 1, 32), int(rng.integers(2))
        grown = [n * s + (max(k - s, 0) if code else 0) for n, s, k in zip(size, stride, kernel, strict=True)]
        if math.prod(size) * math.prod(kernel) * depth * channels <= _MOST_MACC:
            break
    output = (grown[0], grown[1])
    pads = window_pads(code, output, kernel, stride)
    activation, scale, zero_point = _finish(rng, math.prod(kernel) * depth)
    x = sheet.input((1, *size, depth), scale=_INPUT_SCALE)
    w = _weights(sheet, rng, (channels, *kernel, depth), 0)
    attributes = transpose_conv.Attributes(output, stride, pads, activation)
    inputs = (x, w, _bias(sheet, rng, channels))
    sheet.layer("TRANSPOSE_CONV", inputs, attributes, scale=scale, zero_point=zero_point)


def depthwise(sheet: Sheet, rng: Rng) -> None:
    """A window per channel, mostly 3x3."""
    while True:
        kernel = one_of(rng, *[(3, 3)] * 5, *_KERNELS)
        channels, multiplier = between(rng, 1, 128), one_of(rng, *[1] * 6, 2, 8)
        g = _geometry(rng, kernel, 48)
        few = math.prod(g.size) * channels <= _MOST_ELEMENTS
        if few and g.taps * channels * multiplier <= _MOST_MACC // 3:
            break
    x = sheet.input((1, *g.size, channels), scale=_INPUT_SCALE)
    w = _weights(sheet, rng, (1, *g.kernel, channels * multiplier), 3)
    activation, scale, zero_point = _finish(rng, math.prod(g.kernel))
    attributes = DepthwiseAttributes(g.stride, g.dilation, g.pads, multiplier, activation)
    inputs = (x, w, _bias(sheet, rng, channels * multiplier))
    sheet.layer("DEPTHWISE_CONV_2D", inputs, attributes, scale=scale, zero_point=zero_point)


def dense(sheet: Sheet, rng: Rng) -> None:
    """Mostly one row; its weights all on one scale."""
    while True:
        rows = one_of(rng, 1, 1, 1, between(rng, 1, 32))
        depth, channels = between(rng, 1, 800), between(rng, 1, 160)
        if depth * channels <= _MOST_ELEMENTS and rows * depth * channels <= _MOST_MACC:
            break
    x = sheet.input((rows, depth), scale=_INPUT_SCALE)
    data = rng.integers(-127, 128, (channels, depth), np.int8)
    scale = np.array([_WEIGHT_SCALE * rng.uniform(0.7, 1.4)], np.float32)
    w = sheet.constant(data, Quantization(scale, np.zeros(1, np.int64)))
    activation, output_scale, zero_point = _finish(rng, depth)
    attributes = fully_connected.Attributes(keep_num_dims=False, activation=activation)
    inputs = (x, w, _bias(sheet, rng, channels))
    sheet.layer("FULLY_CONNECTED", inputs, attributes, scale=output_scale, zero_point=zero_point)


def pool(op: str) -> Draw:
    """Windows of any size, up to a whole image."""

    def draw(sheet: Sheet, rng: Rng) -> None:
        while True:
            size = (between(rng, 1, 32), between(rng, 1, 32))
            kernel = one_of(rng, (2, 2), (3, 3), (2, 1), (1, 3), (4, 4), size)
            channels, code = between(rng, 1, 96), int(rng.integers(2))
            stride = one_of(rng, kernel, kernel, (1, 1), (2, 2))
            pads = window_pads(code, size, kernel, stride)
            output = window_counts(size, kernel, stride, (1, 1), pads)
            work = math.prod(output) * math.prod(kernel) * channels
            if min(output) > 0 and math.prod(size) * channels <= _MOST_ELEMENTS and work <= _MOST_MACC // 5:
                break
        x = sheet.input((1, *size, channels), scale=_INPUT_SCALE, zero_point=-128)
        attributes = PoolAttributes(kernel, stride, pads, Activation.NONE)
        sheet.layer(op, (x,), attributes, scale=_INPUT_SCALE, zero_point=-128)

    return draw


FAMILIES = {
    "conv_2d": Family(conv_2d, 200, 40),
    "conv_2d_strided_1x1": Family(conv_2d_strided_1x1, 20, 5),
    "conv_2d_1x1": Family(conv_2d_1x1, 80, 20),
    "transpose_conv": Family(transposed, 40, 8),
    "depthwise_conv_2d": Family(depthwise, 160, 40),
    "fully_connected": Family(dense, 80, 20),
    "average_pool_2d": Family(pool("AVERAGE_POOL_2D"), 60, 15),
    "max_pool_2d": Family(pool("MAX_POOL_2D"), 60, 15),
}
