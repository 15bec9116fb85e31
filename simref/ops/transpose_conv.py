"""y[n, i, j, o] = activation(b[o] + sum of w[o, k, l, c] * x[n, r, q, c] over all s*r + k - p = i, s*q + l - p = j)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.errors import ModelError
from simref.graph import Array, Layer, Shape
from simref.ops._activation import Activation, activation_from_tflite
from simref.ops._convolution import (
    ConvAttributes,
    Finish,
    Placement,
    conv_params,
    convolve,
    finish,
    finish_numba,
)
from simref.ops._convolution_f32 import Sums, conv_call, sums_form
from simref.ops._convolution_f32 import bias_of as bias_f32
from simref.ops._convolution_f32 import convolve as convolve_f32
from simref.ops._convolution_f32 import operand_rules as operand_rules_f32
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, equation_of, never_in_place
from simref.ops._quantized import (
    WEIGHTS,
    bias_of,
    channel_rules,
    dense_params,
    folded_bias,
    macc_of,
    operand_rules,
    packed_rows,
    requantization,
)
from simref.ops._rules import Custom, InRange, Operands, OutputShape
from simref.ops._stored import stored_integers
from simref.ops._window import MAX_STEP, Pads, Pair, image_shape, widened_input, window_pads


@dataclass(frozen=True)
class Attributes:
    """size: the output's height and width. stride: (down, across). pads: what is cut off all around before `size`."""

    size: Pair
    stride: Pair
    pads: Pads
    activation: Activation


def attributes(options: Any, layer: Layer) -> Attributes:
    """The options table, and the output shape, which TFLite stores as operand 0 before weights and input."""
    _, height, width, _ = stored_integers(layer, 0, "output shape", length=4)
    _, *kernel, _ = image_shape(layer.input(1), "weights")
    image_shape(layer.input(2), "input")
    stride = (options.StrideH(), options.StrideW())
    pads = window_pads(options.Padding(), (height, width), (kernel[0], kernel[1]), stride)
    if layer.output.shape[1:3] != (height, width):
        raise ModelError(f"output shape operand says {(height, width)}, the output is {layer.output.shape[1:3]}")
    return Attributes((height, width), stride, pads, activation_from_tflite(options.FusedActivationFunction()))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The stored height and width, one channel per filter."""
    return ((layer.input(0).shape[0], *layer.attributes.size, layer.input(WEIGHTS).shape[0]),)


def _depth_violation(layer: Layer) -> str | None:
    channels, depth = layer.input(0).shape[3], layer.input(WEIGHTS).shape[3]
    return None if channels == depth else f"input has {channels} channels, must have the weights' {depth}"


def _pads_violation(layer: Layer) -> str | None:
    pads, kernel = layer.attributes.pads, layer.input(WEIGHTS).shape[1:3]
    if 0 <= pads[0] < kernel[0] and 0 <= pads[2] < kernel[1]:
        return None
    return f"pads are {pads}, must be smaller than the kernel {kernel} above and to the left"


def _break_pads(layer: Layer) -> Layer:
    pads = (layer.input(WEIGHTS).shape[1], 0, 0, 0)
    return layer.replace(attributes=dataclasses.replace(layer.attributes, pads=pads))


def macc(layer: Layer) -> int:
    """Every input element times every tap of every filter, the biases, and a float activation."""
    channels, height, width, _ = layer.input(WEIGHTS).shape
    return macc_of(layer, layer.input(0).elements * height * width * channels)


def _as_convolution(layer: Layer, image: Array, fill: int) -> tuple[Layer, Array, Array]:
    """The layer as a convolution, its input with stride - 1 times `fill` between the pixels, and turned filters."""
    a, weights = layer.attributes, layer.constant(WEIGHTS)
    samples, batch, height, width, channels = image.shape
    spread = ((height - 1) * a.stride[0] + 1, (width - 1) * a.stride[1] + 1)
    x = np.full((samples, batch, *spread, channels), fill, image.dtype)
    x[:, :, :: a.stride[0], :: a.stride[1]] = image
    seen = (a.size[0] + a.pads[0], a.size[1] + a.pads[2])
    x = x[:, :, : seen[0], : seen[1]]
    before = (weights.shape[1] - 1 - a.pads[0], weights.shape[2] - 1 - a.pads[2])
    pads = (before[0], seen[0] - x.shape[2], before[1], seen[1] - x.shape[3])
    dense = layer.replace(attributes=ConvAttributes((1, 1), (1, 1), pads, a.activation))
    return dense, x, np.ascontiguousarray(weights[:, ::-1, ::-1])


def _compute(layer: Layer, inputs: Sequence[Array], end: Finish) -> tuple[Array, ...]:
    dense, x, turned = _as_convolution(layer, inputs[0], layer.input(0).zero_point)
    return (convolve(dense, x, turned, bias_of(layer, len(turned)), requantization(layer), end),)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Equals TFLite reference_integer_ops::TransposeConv."""
    return _compute(layer, inputs, finish)


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same sums, rounded in compiled code."""
    return _compute(layer, inputs, finish_numba)


@dataclass(frozen=True)
class _Phase:
    """Outputs `first`, `first` + stride, … along one axis: each sees `taps` of the kernel, `taps.start` mod stride,
    and a window of the input that starts `pad` before the first pixel."""

    first: int
    count: int
    taps: slice
    pad: int


def phases(size: int, kernel: int, stride: int, pad: int) -> list[_Phase]:
    """The phases of one axis that have outputs; a window is as long as its taps, at least 1."""
    found = []
    for first in range(min(stride, size)):
        start = (first + pad) % stride
        length = max(len(range(start, kernel, stride)), 1)
        count = len(range(first, size, stride))
        found.append(_Phase(first, count, slice(start, kernel, stride), length - 1 - (first + pad) // stride))
    return found


@dataclass(frozen=True, eq=False)
class _Part:
    """The outputs of one phase down and one across: a convolution with stride 1 and the turned taps (OHWI, or none)."""

    layer: Layer
    taps: Array
    placed: Placement


def _parts(layer: Layer) -> Iterator[_Part]:
    """Outputs a stride apart see the same taps of the kernel."""
    a, (_, height, width, channels) = layer.attributes, layer.output.shape
    weights = layer.constant(WEIGHTS)
    pixel, line = a.stride[1] * channels, a.stride[0] * width * channels
    for row in phases(a.size[0], weights.shape[1], a.stride[0], a.pads[0]):
        for column in phases(a.size[1], weights.shape[2], a.stride[1], a.pads[2]):
            first = (row.first * width + column.first) * channels
            placed = Placement(row.count, column.count, height * width * channels, line, pixel, first)
            one = ConvAttributes((1, 1), (1, 1), (row.pad, 0, column.pad, 0), a.activation)
            taps = weights[:, row.taps, column.taps][:, ::-1, ::-1]
            yield _Part(layer.replace(attributes=one), taps, placed)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One convolution with stride 1 per phase."""
    return tuple(_phase_call(part) for part in _parts(layer))


def _phase_call(part: _Part) -> KernelCall:
    layer, taps = part.layer, part.taps
    channels, depth = len(taps), taps.shape[3]
    if taps.size == 0:
        taps = np.zeros((channels, max(taps.shape[1], 1), max(taps.shape[2], 1), depth), np.int8)
    rows = taps.reshape(channels, -1)
    scales = requantization(layer).of_channels(0, channels, channels)
    return KernelCall(
        kernel="conv_2d_s8",
        params=conv_params(layer, (taps.shape[1], taps.shape[2]), depth, 0, part.placed)
        | {"input_zero_point": layer.input(0).zero_point}
        | dense_params(scales, rows.shape[1], channels),
        operands=(0, packed_rows(rows), folded_bias(rows, bias_of(layer, channels), layer.input(0).zero_point)),
        scratch=2 * rows.shape[1],
    )


def compute_f32(layer: Layer, x: Array, sums: Sums) -> Array:
    """The sums of _convolution_f32, over the taps of the turned kernel."""
    return convolve_f32(*_as_convolution(layer, x, 0), sums)


def kernels_f32(layer: Layer) -> tuple[KernelCall, ...]:
    """One convolution with stride 1 per phase; zeros between the pixels are left out like those around them."""
    bias = bias_f32(layer, layer.output.shape[3])
    return tuple(_phase_call_f32(part, bias) for part in _parts(layer))


def _phase_call_f32(part: _Part, bias: Array) -> KernelCall:
    _, height, width, depth = part.taps.shape
    geometry = conv_params(part.layer, (height, width), depth, 0, part.placed)
    return conv_call(part.layer, geometry, part.taps, bias)


OP = Op(
    name="TRANSPOSE_CONV",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="TransposeConvOptions", attributes=attributes, operands=(2, 1, 3)),
    macc=macc,
    forms=(
        Form(
            rounding="double",
            rules=(
                Operands(2, 3),
                *operand_rules((4, 4), 4),
                InRange("stride", 1, MAX_STEP),
                Custom("the input has as many channels as the weights", _depth_violation, widened_input),
                *channel_rules(0),
                OutputShape(output_shapes),
            ),
            reference=reference,
            numba=numba,
            kernels=kernels,
            in_place=never_in_place,
        ),
        sums_form(
            rules=(
                Operands(2, 3),
                *operand_rules_f32((4, 4), 4, axis=0),
                InRange("stride", 1, MAX_STEP),
                InRange("size", 1, MAX_STEP),
                Custom("pads above and to the left are smaller than the kernel", _pads_violation, _break_pads),
                Custom("the input has as many channels as the weights", _depth_violation, widened_input),
                OutputShape(output_shapes),
            ),
            compute=compute_f32,
            kernels=kernels_f32,
        ),
    ),
)
