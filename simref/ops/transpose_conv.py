"""y[n, i, j, o] = activation(b[o] + sum of w[o, k, l, c] * x[n, r, q, c] over all s*r + k - p = i, s*q + l - p = j)."""

from __future__ import annotations

from collections.abc import Sequence
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
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, equation_of, never_in_place
from simref.ops._quantized import (
    BIAS,
    WEIGHTS,
    bias_of,
    channel_rules,
    dense_params,
    folded_bias,
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


def macc(layer: Layer) -> int:
    """Every input element times every tap of every filter, and the biases."""
    channels, height, width, _ = layer.input(WEIGHTS).shape
    bias = layer.optional_input(BIAS)
    return layer.input(0).elements * height * width * channels + (0 if bias is None else bias.elements)


def _compute(layer: Layer, inputs: Sequence[Array], end: Finish) -> tuple[Array, ...]:
    """The convolution, with the filters turned around, of the input with stride - 1 zeros between its pixels."""
    a, weights = layer.attributes, layer.constant(WEIGHTS)
    samples, batch, height, width, channels = inputs[0].shape
    spread = ((height - 1) * a.stride[0] + 1, (width - 1) * a.stride[1] + 1)
    x = np.full((samples, batch, *spread, channels), layer.input(0).zero_point, np.int8)
    x[:, :, :: a.stride[0], :: a.stride[1]] = inputs[0]
    seen = (a.size[0] + a.pads[0], a.size[1] + a.pads[2])
    x = x[:, :, : seen[0], : seen[1]]
    before = (weights.shape[1] - 1 - a.pads[0], weights.shape[2] - 1 - a.pads[2])
    pads = (before[0], seen[0] - x.shape[2], before[1], seen[1] - x.shape[3])
    dense = layer.replace(attributes=ConvAttributes((1, 1), (1, 1), pads, a.activation))
    turned = np.ascontiguousarray(weights[:, ::-1, ::-1])
    return (convolve(dense, x, turned, bias_of(layer, len(weights)), requantization(layer), end),)


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


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One convolution with stride 1 per phase: outputs a stride apart see the same taps of the kernel."""
    a, weights = layer.attributes, layer.constant(WEIGHTS)
    down = phases(a.size[0], weights.shape[1], a.stride[0], a.pads[0])
    across = phases(a.size[1], weights.shape[2], a.stride[1], a.pads[2])
    return tuple(_phase_call(layer, row, column) for row in down for column in across)


def _phase_call(layer: Layer, row: _Phase, column: _Phase) -> KernelCall:
    a, weights = layer.attributes, layer.constant(WEIGHTS)
    _, height, width, channels = layer.output.shape
    taps = weights[:, row.taps, column.taps][:, ::-1, ::-1]
    if taps.size == 0:
        taps = np.zeros((channels, max(taps.shape[1], 1), max(taps.shape[2], 1), weights.shape[3]), np.int8)
    rows = taps.reshape(channels, -1)
    pixel, line = a.stride[1] * channels, a.stride[0] * width * channels
    first = (row.first * width + column.first) * channels
    placed = Placement(row.count, column.count, height * width * channels, line, pixel, first)
    scales = requantization(layer).of_channels(0, channels, channels)
    one = layer.replace(attributes=ConvAttributes((1, 1), (1, 1), (row.pad, 0, column.pad, 0), a.activation))
    return KernelCall(
        kernel="conv_2d_s8",
        params=conv_params(one, (taps.shape[1], taps.shape[2]), weights.shape[3], 0, placed)
        | {"input_zero_point": layer.input(0).zero_point}
        | dense_params(scales, rows.shape[1], channels),
        operands=(0, packed_rows(rows), folded_bias(rows, bias_of(layer, channels), layer.input(0).zero_point)),
        scratch=2 * rows.shape[1],
    )


def _rows(layer: Layer) -> Array:
    weights = layer.constant(WEIGHTS)
    return weights.reshape(len(weights), -1)


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
                *channel_rules(0, _rows),
                OutputShape(output_shapes),
            ),
            reference=reference,
            numba=numba,
            kernels=kernels,
            in_place=never_in_place,
        ),
    ),
)
