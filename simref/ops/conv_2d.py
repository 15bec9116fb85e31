"""y[n, i, j, o] = activation(b[o] + sum over k, l, c of w[o, k, l, c] * x[n, s*i + d*k - p, s*j + d*l - p, c])."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simref.graph import Array, Layer, Shape
from simref.ops._activation import activation_from_tflite
from simref.ops._convolution import (
    ConvAttributes,
    Finish,
    Placement,
    channel_groups,
    conv_params,
    convolve,
    finish,
    finish_numba,
    kernel_size,
)
from simref.ops._convolution_f32 import Sums, conv_call, dense_call, sums_form
from simref.ops._convolution_f32 import bias_of as bias_f32
from simref.ops._convolution_f32 import convolve as convolve_f32
from simref.ops._convolution_f32 import operand_rules as operand_rules_f32
from simref.ops._lut import codebook_rule, conv_lut_call, dense_lut_call, of_channels
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, Value, equation_of, never_in_place
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
from simref.ops._rules import Custom, Operands, OutputShape, Rule
from simref.ops._window import (
    STEP_RULES,
    conv_steps,
    image_output,
    image_shape,
    widened_input,
    window_pads,
    windows_fit,
)


def attributes(options: Any, layer: Layer) -> ConvAttributes:
    """The options table; SAME and VALID become explicit pads."""
    stride, dilation = conv_steps(options)
    _, height, width, _ = image_shape(layer.input(0), "input")
    _, *kernel, _ = image_shape(layer.input(WEIGHTS), "weights")
    pads = window_pads(options.Padding(), (height, width), (kernel[0], kernel[1]), stride, dilation)
    return ConvAttributes(stride, dilation, pads, activation_from_tflite(options.FusedActivationFunction()))


def _groups_violation(layer: Layer) -> str | None:
    channels, depth = layer.input(0).shape[3], layer.input(WEIGHTS).shape[3]
    outputs = layer.input(WEIGHTS).shape[0]
    if channels % depth == 0 and outputs % (channels // depth) == 0:
        return None
    return (
        f"weights have {outputs} channels of depth {depth}, must divide the {channels} input channels into equal groups"
    )


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """As many rows and columns as windows fit, one channel per filter."""
    return image_output(layer, kernel_size(layer), layer.input(WEIGHTS).shape[0])


def macc(layer: Layer) -> int:
    """Output elements times the size of a filter, the biases, and a float activation."""
    _, height, width, depth = layer.input(WEIGHTS).shape
    return macc_of(layer, layer.output.elements * height * width * depth)


def _compute(layer: Layer, inputs: Sequence[Array], end: Finish) -> tuple[Array, ...]:
    weights = layer.constant(WEIGHTS)
    return (convolve(layer, inputs[0], weights, bias_of(layer, len(weights)), requantization(layer), end),)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Equals TFLite reference_integer_ops::ConvPerChannel."""
    return _compute(layer, inputs, finish)


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same sums, rounded in compiled code."""
    return _compute(layer, inputs, finish_numba)


def _groups(layer: Layer) -> int:
    return layer.input(0).shape[3] // layer.input(WEIGHTS).shape[3]


def _is_dense(layer: Layer) -> bool:
    """A convolution of one tap that skips no pixel is a dense layer over the pixels."""
    one_tap = kernel_size(layer) == (1, 1) and not any(layer.attributes.pads)
    return one_tap and _groups(layer) == 1 and layer.input(0).shape[:3] == layer.output.shape[:3]


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call per group, or a dense layer."""
    if _is_dense(layer):
        return (_pointwise(layer),)
    parts = channel_groups(layer.output.shape[3], _groups(layer))
    return tuple(_group(layer, g, part) for g, part in enumerate(parts))


def _pointwise(layer: Layer) -> KernelCall:
    channels, _, _, depth = layer.input(WEIGHTS).shape
    rows = layer.constant(WEIGHTS).reshape(channels, depth)
    bias = folded_bias(rows, bias_of(layer, channels), layer.input(0).zero_point)
    params = dense_params(requantization(layer).of_channels(0, channels, channels), depth, channels)
    pixels = layer.input(0).elements // depth
    return KernelCall(
        kernel="conv_2d_1x1_s8",
        params={"pixels": pixels, **params},
        operands=(0, packed_rows(rows), bias),
    )


def _geometry(layer: Layer, group: int, part: slice) -> dict[str, Value]:
    _, height, width, channels = layer.output.shape
    placed = Placement(height, width, height * width * channels, width * channels, channels, part.start)
    depth = layer.input(WEIGHTS).shape[3]
    return conv_params(layer, kernel_size(layer), depth, group * depth, placed)


def _group(layer: Layer, group: int, part: slice) -> KernelCall:
    weights = layer.constant(WEIGHTS)
    zero_point = layer.input(0).zero_point
    rows = weights[part].reshape(part.stop - part.start, -1)
    params = _geometry(layer, group, part) | {"input_zero_point": zero_point}
    scales = requantization(layer).of_channels(part.start, part.stop, len(weights))
    dense = dense_params(scales, rows.shape[1], len(rows))
    bias = folded_bias(rows, bias_of(layer, len(weights))[part], zero_point)
    return KernelCall(
        kernel="conv_2d_s8",
        params=params | dense,
        operands=(0, packed_rows(rows), bias),
        scratch=2 * rows.shape[1],
    )


def compute_f32(layer: Layer, x: Array, sums: Sums) -> Array:
    """The sums of _convolution_f32."""
    return convolve_f32(layer, x, layer.constant(WEIGHTS), sums)


def kernels_f32(layer: Layer) -> tuple[KernelCall, ...]:
    """One call per group, or a dense layer."""
    weights, x, codebook = layer.constant(WEIGHTS), layer.input(0), layer.input(WEIGHTS).codebook
    if _is_dense(layer):
        rows = x.elements // x.shape[3]
        return (dense_call(layer, rows) if codebook is None else dense_lut_call(layer, codebook, rows),)
    bias = bias_f32(layer, len(weights))
    parts = [(_geometry(layer, g, part), part) for g, part in enumerate(channel_groups(len(weights), _groups(layer)))]
    if codebook is None:
        return tuple(conv_call(layer, geometry, weights[part], bias[part]) for geometry, part in parts)
    return tuple(conv_lut_call(layer, geometry, of_channels(codebook, part), bias[part]) for geometry, part in parts)


_GEOMETRY_RULES: tuple[Rule, ...] = (
    *STEP_RULES,
    Custom("input channels are a multiple of the weights' depth: equal groups", _groups_violation, widened_input),
)

OP = Op(
    name="CONV_2D",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="Conv2DOptions", attributes=attributes),
    macc=macc,
    forms=(
        Form(
            rounding="double",
            rules=(
                Operands(2, 3),
                *operand_rules((4, 4), 4),
                *_GEOMETRY_RULES,
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
                *_GEOMETRY_RULES,
                windows_fit(kernel_size),
                codebook_rule(0),
                OutputShape(output_shapes),
            ),
            compute=compute_f32,
            kernels=kernels_f32,
        ),
    ),
)
