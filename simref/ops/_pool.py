"""What AVERAGE_POOL_2D and MAX_POOL_2D share: attributes, rules, shapes and the parameters of their C kernels."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.graph import Array, Layer, Shape
from simref.ops._activation import (
    Activation,
    activation_from_tflite,
    activation_macc,
    activation_range,
)
from simref.ops._numbers import clamp, clamp_params
from simref.ops._op import KernelCall, Value
from simref.ops._rules import (
    Custom,
    InputDtype,
    InRange,
    NotEmpty,
    Operands,
    OutputDtype,
    OutputShape,
    PerTensor,
    Rank,
    Rule,
    SameQuantization,
)
from simref.ops._window import (
    MAX_STEP,
    STEP_RULES,
    Pads,
    Pair,
    as_images,
    image_output,
    image_shape,
    tap,
    window_pads,
    windows_fit,
)


@dataclass(frozen=True)
class Attributes:
    """kernel, stride and dilation: (down, across). pads: (top, bottom, left, right).

    include_pad: a mean counts the taps in the padding, as zeros.
    """

    kernel: Pair
    stride: Pair
    pads: Pads
    activation: Activation
    dilation: Pair = (1, 1)
    include_pad: bool = False


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
    InRange("dilation", 1, 1),
    InRange("include_pad", 0, 0),
    Custom("pads are smaller than the kernel: no window lies outside", _pads_violation, _break_pads),
    OutputShape(output_shapes),
)
"""The rules of int8."""


def _kernel(layer: Layer) -> Pair:
    kernel: Pair = layer.attributes.kernel
    return kernel


def inside_counts(layer: Layer) -> tuple[Array, Array]:
    """How many taps of each row, and of each column, of windows lie inside the image; int64."""
    a = layer.attributes
    counts = []
    for axis in range(2):
        first = np.arange(layer.output.shape[1 + axis]) * a.stride[axis] - a.pads[2 * axis]
        seen = first[:, np.newaxis] + np.arange(a.kernel[axis]) * a.dilation[axis]
        counts.append(((seen >= 0) & (seen < layer.input(0).shape[1 + axis])).sum(axis=1))
    return counts[0], counts[1]


def _overlap_violation(layer: Layer) -> str | None:
    seen = layer.replace(outputs=(dataclasses.replace(layer.output, shape=output_shapes(layer)[0]),))
    if all(counts.all() for counts in inside_counts(seen)):
        return None
    return f"a window sees no pixel: pads are {layer.attributes.pads} around a kernel {layer.attributes.kernel}"


def _break_overlap(layer: Layer) -> Layer:
    a = layer.attributes
    pads = (0, a.kernel[0] + a.stride[0], 0, 0)
    return layer.replace(attributes=dataclasses.replace(a, pads=pads))


POOL_RULES_F32: tuple[Rule, ...] = (
    Operands(1),
    InputDtype("input", 0, ("float32",)),
    OutputDtype(("float32",)),
    Rank("input", 0, 4, 4),
    NotEmpty(),
    InRange("kernel", 1, MAX_STEP),
    *STEP_RULES,
    windows_fit(_kernel),
    Custom("every window overlaps the image", _overlap_violation, _break_overlap),
    OutputShape(output_shapes),
)
"""The rules of float32."""


def macc(layer: Layer) -> int:
    """Output elements times the size of a window, and a float activation."""
    kernel = layer.attributes.kernel
    return int(layer.output.elements * kernel[0] * kernel[1]) + activation_macc(layer)


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


def pooled_f32(layer: Layer, x: Array, compiled: Callable[..., Array]) -> Array:
    """The images (n, *size, channels), not clamped, by a compiled function of images, sizes, steps and first pads."""
    a = layer.attributes
    y: Array = compiled(as_images(x), layer.output.shape[1:3], a.kernel, a.stride, a.dilation, (a.pads[0], a.pads[2]))
    return y


def clamped_f32(layer: Layer, y: Array) -> tuple[Array, ...]:
    """The output (samples, *output) of images that are not clamped yet."""
    return (clamp(y, *layer.attributes.activation.value).reshape(-1, *layer.output.shape),)


def kernel_call(layer: Layer, kernel: str) -> KernelCall:
    """The call of one of the int8 kernels; their parameters are alike (runtime_c/pool_s8.h)."""
    low, high = activation_range(layer.attributes.activation, layer.output)
    return _call(layer, kernel, {"low": low, "high": high})


def kernel_call_f32(layer: Layer, kernel: str) -> KernelCall:
    """The call of one of the float32 kernels; their parameters are alike (runtime_c/pool_f32.h)."""
    a = layer.attributes
    more: dict[str, Value] = {
        "dilation_height": a.dilation[0],
        "dilation_width": a.dilation[1],
        "include_pad": int(a.include_pad),
    }
    return _call(layer, kernel, more | clamp_params(a.activation))


def in_place(layer: Layer) -> tuple[int, ...]:
    """The input, where each pixel that is written lies before all pixels that later windows see.

    The kernels write the pixels in order, and a channel of one after they have read that channel of its whole window.
    """
    a, x = layer.attributes, layer.input(0)
    rows, columns = (
        np.maximum(np.arange(layer.output.shape[1 + k]) * a.stride[k] - a.pads[2 * k], 0) for k in range(2)
    )
    seen = (rows[:, np.newaxis] * x.shape[2] + columns).ravel()
    later = np.minimum.accumulate(seen[:0:-1])[::-1]
    return (0,) if not x.is_constant and (later > np.arange(len(later))).all() else ()


def _call(layer: Layer, kernel: str, more: dict[str, Value]) -> KernelCall:
    a = layer.attributes
    batches, height, width, channels = layer.input(0).shape
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
        **more,
    }
    return KernelCall(kernel=kernel, params={f"pool.{name}": value for name, value in params.items()}, operands=(0,))
