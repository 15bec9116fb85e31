"""What AVERAGE_POOL_2D and MAX_POOL_2D share: attributes, rules, shapes and the parameters of their C kernels."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from simref.graph import Array, Layer, Shape
from simref.ops._activation import Activation, activation_from_tflite, activation_range
from simref.ops._op import KernelCall, Value
from simref.ops._rules import (
    Custom,
    InputDtype,
    InRange,
    Operands,
    OutputDtype,
    OutputShape,
    PerTensor,
    Rank,
    Rule,
    SameQuantization,
)
from simref.ops._window import MAX_STEP, Pads, Pair, as_images, image_output, image_shape, tap, window_pads


@dataclass(frozen=True)
class Attributes:
    """kernel and stride: (down, across). pads: (top, bottom, left, right)."""

    kernel: Pair
    stride: Pair
    pads: Pads
    activation: Activation
    dilation: Pair = (1, 1)


def attributes(options: Any, layer: Layer) -> Attributes:
    """The options table; SAME and VALID become explicit pads."""
    kernel = (options.FilterHeight(), options.FilterWidth())
    stride = (options.StrideH(), options.StrideW())
    _, height, width, _ = image_shape(layer.input(0), "input")
    pads = window_pads(options.Padding(), (height, width), kernel, stride)
    return Attributes(kernel, stride, pads, activation_from_tflite(options.FusedActivationFunction()))


def _pads_violation(layer: Layer) -> str | None:
    a = layer.attributes
    limits = (a.kernel[0], a.kernel[0], a.kernel[1], a.kernel[1])
    if all(0 <= pad < limit for pad, limit in zip(a.pads, limits, strict=True)):
        return None
    return f"pads are {a.pads}, must be smaller than the kernel {a.kernel}"


def _break_pads(layer: Layer) -> Layer:
    pads = (0, layer.attributes.kernel[0], 0, 0)
    return layer.replace(attributes=dataclasses.replace(layer.attributes, pads=pads))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """As many rows and columns as windows fit."""
    return image_output(layer, layer.attributes.kernel, layer.input(0).shape[3])


POOL_RULES: tuple[Rule, ...] = (
    Operands(1),
    InputDtype("input", 0, ("int8",)),
    OutputDtype(("int8",)),
    Rank("input", 0, 4, 4),
    PerTensor(),
    SameQuantization(),
    InRange("kernel", 1, MAX_STEP),
    InRange("stride", 1, MAX_STEP),
    Custom("pads are smaller than the kernel: no window lies outside", _pads_violation, _break_pads),
    OutputShape(output_shapes),
)


def macc(layer: Layer) -> int:
    """Output elements times the size of a window."""
    kernel = layer.attributes.kernel
    return int(layer.output.elements * kernel[0] * kernel[1])


def taps(layer: Layer, images: Array) -> Iterator[Array]:
    """Of padded images: what each tap of the windows sees, (n, rows, columns, channels)."""
    a, (_, height, width, _) = layer.attributes, layer.output.shape
    for k in range(a.kernel[0]):
        for m in range(a.kernel[1]):
            yield tap(images, k, m, (height, width), a.stride, a.dilation)


def pooled(layer: Layer, x: Array, compiled: Callable[..., Array]) -> tuple[Array, ...]:
    """The output by a compiled function of images, sizes, pads above and left, and the output's range."""
    a = layer.attributes
    low, high = activation_range(a.activation, layer.output)
    before = (a.pads[0], a.pads[2])
    y = compiled(as_images(x), layer.output.shape[1:3], a.kernel, a.stride, before, low, high)
    return (y.reshape(len(x), *layer.output.shape),)


def kernel_call(layer: Layer, kernel: str) -> KernelCall:
    """The call of one of the pooling kernels; their parameters are alike (runtime_c/pool_s8.h)."""
    a = layer.attributes
    batches, height, width, channels = layer.input(0).shape
    low, high = activation_range(a.activation, layer.output)
    params: dict[str, Value] = {
        "batches": batches,
        "input_height": height,
        "input_width": width,
        "channels": channels,
        "kernel_height": a.kernel[0],
        "kernel_width": a.kernel[1],
        "stride_height": a.stride[0],
        "stride_width": a.stride[1],
        "pad_top": a.pads[0],
        "pad_left": a.pads[2],
        "output_height": layer.output.shape[1],
        "output_width": layer.output.shape[2],
        "low": low,
        "high": high,
    }
    return KernelCall(kernel=kernel, params={f"pool.{name}": value for name, value in params.items()}, operands=(0,))
