"""y[n, i, j, m*c + q] = activation(b[m*c + q] + sum of w[k, l, m*c + q] * x[n, s*i + d*k - p, s*j + d*l - p, c])."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.float32 import multiply_add
from simref.graph import Array, Layer, Shape
from simref.ops._activation import Activation, activation_from_tflite
from simref.ops._convolution import Placement, conv_params, kernel_size, scales_per_channel
from simref.ops._convolution_f32 import ROUNDING, ended, packed_blocks
from simref.ops._convolution_f32 import bias_of as bias_f32
from simref.ops._convolution_f32 import operand_rules as operand_rules_f32
from simref.ops._lut import codebook_rule, lut_call
from simref.ops._numbers import clamp_params
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, Value, equation_of, never_in_place
from simref.ops._quantized import (
    WEIGHTS,
    bias_of,
    channel_rules,
    folded_bias,
    macc_of,
    operand_rules,
    requantization,
    requantize,
)
from simref.ops._rules import Custom, Operands, OutputShape, Rule
from simref.ops._window import (
    STEP_RULES,
    Pads,
    Pair,
    as_images,
    conv_steps,
    image_output,
    image_shape,
    padded,
    tap,
    widened_input,
    window_pads,
    windows_fit,
)

# SIMREF_OUTPUTS of runtime_c/depthwise_conv_2d_s8.c.
_OUTPUTS = 4


@dataclass(frozen=True)
class Attributes:
    """stride and dilation: (down, across). pads: (top, bottom, left, right). multiplier: outputs per input channel."""

    stride: Pair
    dilation: Pair
    pads: Pads
    multiplier: int
    activation: Activation


def attributes(options: Any, layer: Layer) -> Attributes:
    """The options table; SAME and VALID become explicit pads. The multiplier follows from the shapes, as in TFLite."""
    stride, dilation = conv_steps(options)
    _, height, width, channels = image_shape(layer.input(0), "input")
    _, *kernel, outputs = image_shape(layer.input(WEIGHTS), "weights")
    pads = window_pads(options.Padding(), (height, width), (kernel[0], kernel[1]), stride, dilation)
    activation = activation_from_tflite(options.FusedActivationFunction())
    return Attributes(stride, dilation, pads, outputs // channels, activation)


def _channels_violation(layer: Layer) -> str | None:
    channels, (first, _, _, outputs) = layer.input(0).shape[3], layer.input(WEIGHTS).shape
    if first != 1:
        return f"first dimension of the weights is {first}, must be 1"
    if outputs == channels * layer.attributes.multiplier:
        return None
    return f"weights have {outputs} channels, must have a multiple of the input's {channels}"


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """As many rows and columns as windows fit, `multiplier` channels per input channel."""
    return image_output(layer, kernel_size(layer), layer.input(WEIGHTS).shape[3])


def macc(layer: Layer) -> int:
    """Output elements times the taps of a filter, the biases, and a float activation."""
    height, width = kernel_size(layer)
    return macc_of(layer, layer.output.elements * height * width)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Equals TFLite reference_integer_ops::DepthwiseConvPerChannel. Tap by tap over whole images, in int32."""
    a, weights = layer.attributes, layer.constant(WEIGHTS)[0].astype(np.int32)
    x = as_images(inputs[0]).astype(np.int32) - np.int32(layer.input(0).zero_point)
    images = padded(x, a.pads, 0).repeat(a.multiplier, axis=3)
    _, height, width, channels = layer.output.shape
    sums = np.zeros((len(images), height, width, channels), np.int32)
    for k in range(weights.shape[0]):
        for i in range(weights.shape[1]):
            sums += weights[k, i] * tap(images, k, i, (height, width), a.stride, a.dilation)
    y = requantize(sums, bias_of(layer, channels), requantization(layer))
    return (y.reshape(len(inputs[0]), *layer.output.shape),)


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same sums pixel by pixel, the channels innermost, rounded at once."""
    from simref.ops._numba import depthwise_images

    a, scales = layer.attributes, requantization(layer)
    _, height, width, channels = layer.output.shape
    images = padded(as_images(inputs[0]), a.pads, layer.input(0).zero_point).repeat(a.multiplier, axis=3)
    weights = layer.constant(WEIGHTS)[0]
    bias = folded_bias(_rows(layer), bias_of(layer, channels), layer.input(0).zero_point)
    shape = (len(images), height, width)
    rounding = (*scales_per_channel(scales, channels), scales.zero_point, scales.low, scales.high)
    y: Array = depthwise_images(images, weights, bias, shape, a.stride, a.dilation, *rounding)
    return (y.reshape(len(inputs[0]), *layer.output.shape),)


@dataclass(frozen=True)
class Buffer:
    """The rows of one channel that the C kernel holds: `band` output rows' worth, `width` bytes each, `size` in all."""

    band: int
    width: int
    size: int


def buffer(layer: Layer) -> Buffer:
    """The largest band whose buffer takes no more than the vendor's (3 * taps + 10) * channels + 1 bytes, at least one.

    The kernel reads up to 3 strides beyond the last row.
    """
    a, kernel = layer.attributes, kernel_size(layer)
    _, height, width, _ = layer.output.shape
    window = (kernel[0] - 1) * a.dilation[0] + 1
    row = (width - 1) * a.stride[1] + (kernel[1] - 1) * a.dilation[1] + 1
    beyond = (_OUTPUTS - 1) * a.stride[1]
    allowed = (3 * kernel[0] * kernel[1] + 10) * layer.input(0).shape[3] + 1
    rows = (allowed - beyond) // row
    band = min(max((rows - window) // a.stride[0] + 1, 1), height)
    return Buffer(band, row, ((band - 1) * a.stride[0] + window) * row + beyond)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call, with the weights channel by channel."""
    a, kernel, scales, rows = layer.attributes, kernel_size(layer), requantization(layer), _rows(layer)
    batches, input_height, input_width, channels = layer.input(0).shape
    buffered = buffer(layer)
    params: dict[str, Value] = {
        "batches": batches,
        "input_height": input_height,
        "input_width": input_width,
        "channels": channels,
        "depth_multiplier": a.multiplier,
        "kernel_height": kernel[0],
        "kernel_width": kernel[1],
        "stride_height": a.stride[0],
        "stride_width": a.stride[1],
        "dilation_height": a.dilation[0],
        "dilation_width": a.dilation[1],
        "pad_top": a.pads[0],
        "pad_left": a.pads[2],
        "input_zero_point": layer.input(0).zero_point,
        "output_height": layer.output.shape[1],
        "output_width": layer.output.shape[2],
        "band": buffered.band,
        "buffer_width": buffered.width,
        "buffer_size": buffered.size,
        "per_channel": int(len(scales.multiplier) > 1),
        "output_zero_point": scales.zero_point,
        "low": scales.low,
        "high": scales.high,
        "multiplier": scales.multiplier,
        "shift": scales.shift.astype(np.int8),
    }
    bias = folded_bias(rows, bias_of(layer, len(rows)), layer.input(0).zero_point)
    operands = (0, rows, bias)
    return (KernelCall(kernel="depthwise_conv_2d_s8", params=params, operands=operands, scratch=buffered.size),)


def in_place(layer: Layer) -> tuple[int, ...]:
    """Over the input, where channel c of every pixel of the output lies on channel c of an input pixel read before.

    Channels are computed one after the other and band by band, each band's rows being read before it is written. So
    the pixels that a band writes, up to its end, must lie before the first row that the next band still has to read.
    """
    a, kernel, band = layer.attributes, kernel_size(layer), buffer(layer).band
    _, height, width, _ = layer.input(0).shape
    _, output_height, output_width, _ = layer.output.shape
    if a.multiplier != 1 or output_height * output_width > height * width:
        return ()
    window = (kernel[0] - 1) * a.dilation[0] + 1
    for end in range(band, output_height, band):
        read = max((end - 1) * a.stride[0] + window - a.pads[0], 0)
        if read < height and end * output_width > read * width:
            return ()
    return (0,)


def _rows(layer: Layer) -> Array:
    return _as_rows(layer.constant(WEIGHTS))


def _as_rows(weights: Array) -> Array:
    """Weights (1, height, width, channels) as (channels, taps)."""
    return np.ascontiguousarray(weights.reshape(-1, weights.shape[3]).T)


def _images_f32(layer: Layer, x: Array) -> Array:
    return padded(as_images(x), layer.attributes.pads, 0).repeat(layer.attributes.multiplier, axis=3)


def reference_f32(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The sums of _convolution_f32, tap by tap over whole images."""
    a, weights = layer.attributes, layer.constant(WEIGHTS)[0]
    images = _images_f32(layer, inputs[0])
    _, height, width, channels = layer.output.shape
    sums = np.zeros((len(images), height, width, channels), np.float32)
    for k in range(weights.shape[0]):
        for m in range(weights.shape[1]):
            seen = tap(images, k, m, (height, width), a.stride, a.dilation)
            multiply_add(seen, weights[k, m], sums, layer.fused, out=sums)
    return (ended(layer, sums).reshape(len(inputs[0]), *layer.output.shape),)


def numba_f32(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same sums in compiled code."""
    from simref.ops._numba_sums import depthwise_sums

    a, (_, height, width, _) = layer.attributes, layer.output.shape
    images, weights = _images_f32(layer, inputs[0]), layer.constant(WEIGHTS)[0]
    sums = depthwise_sums(images, weights, (height, width), a.stride, a.dilation, layer.fused)
    return (ended(layer, sums).reshape(len(inputs[0]), *layer.output.shape),)


def kernels_f32(layer: Layer) -> tuple[KernelCall, ...]:
    """One call. Channels are computed four at a time, or one by one where several share an input channel."""
    _, height, width, channels = layer.output.shape
    placed = Placement(height, width, height * width * channels, width * channels, channels, 0)
    fields = conv_params(layer, kernel_size(layer), 1, 0, placed) | {"channels": channels}
    fields |= clamp_params(layer.attributes.activation)
    more: dict[str, Value] = {"multiplier": layer.attributes.multiplier}
    bias, codebook = bias_f32(layer, channels), layer.input(WEIGHTS).codebook
    if codebook is not None:
        items = _packed(layer, codebook.indices)
        return (lut_call("depthwise_conv_2d_lut_f32", fields, more, codebook, items, bias),)
    params = {f"conv.{name}": value for name, value in fields.items()} | more
    operands = (0, _packed(layer, layer.constant(WEIGHTS)), bias)
    return (KernelCall(kernel="depthwise_conv_2d_f32", params=params, operands=operands),)


def _packed(layer: Layer, weights: Array) -> Array:
    rows = _as_rows(weights)
    return rows.ravel() if layer.attributes.multiplier > 1 else packed_blocks(rows)


_GEOMETRY_RULES: tuple[Rule, ...] = (
    *STEP_RULES,
    Custom("weights are (1, height, width, a multiple of the input channels)", _channels_violation, widened_input),
)

OP = Op(
    name="DEPTHWISE_CONV_2D",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="DepthwiseConv2DOptions", attributes=attributes),
    macc=macc,
    forms=(
        Form(
            rounding="double",
            rules=(
                Operands(2, 3),
                *operand_rules((4, 4), 4),
                *_GEOMETRY_RULES,
                *channel_rules(3, _rows),
                OutputShape(output_shapes),
            ),
            reference=reference,
            numba=numba,
            kernels=kernels,
            in_place=in_place,
        ),
        Form(
            rounding=ROUNDING,
            rules=(
                Operands(2, 3),
                *operand_rules_f32((4, 4), 4, axis=3),
                *_GEOMETRY_RULES,
                windows_fit(kernel_size),
                codebook_rule(3),
                OutputShape(output_shapes),
            ),
            reference=reference_f32,
            numba=numba_f32,
            kernels=kernels_f32,
            in_place=never_in_place,
        ),
    ),
)
