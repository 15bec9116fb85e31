"""Keras' convolutions over sequences and images: plain, grouped, depthwise, separable and transposed."""

from __future__ import annotations

from typing import Any

from simref.graph import Array
from simref.importers.keras.activations import activated, plain
from simref.importers.keras.call import LayerCall, Translator, bias_of, optional_constant
from simref.importers.keras.spatial import on_images, pads_of, pair, spatial_rank
from simref.ops._window import Pair, window_pads


def _image_kernel(call: LayerCall, kernel: Array) -> Array:
    """(height, width, …) of Keras' kernel, which has no height over sequences."""
    return kernel[None] if spatial_rank(call) == 1 else kernel


def _steps(call: LayerCall, x: int, kernel: Pair) -> dict[str, Any]:
    """stride, dilation and pads of a convolution over images x."""
    stride, dilation = pair(call, "strides", 1), pair(call, "dilation_rate", 1)
    _, height, width, _ = call.shape(x)
    pads = pads_of(call, (height, width), kernel, stride, dilation)
    return {"stride": stride, "dilation": dilation, "pads": pads}


def _own_size(call: LayerCall) -> tuple[int, ...]:
    """The kernel's size as Keras stores it."""
    return call.config.integers("kernel_size", spatial_rank(call))


def _convolution(call: LayerCall) -> int:
    """CONV_2D, in groups too."""

    def apply(x: int) -> int:
        channels, filters = call.shape(x)[-1], call.config.integer("filters")
        groups = call.config.integer("groups", default=1)
        if channels % groups or filters % groups:
            call.config.damaged(f"{channels} channels and {filters} filters must be multiples of the {groups} groups")
        size = _own_size(call)
        bias = (filters,) if call.config.flag("use_bias", default=True) else None
        weights = call.variables({"kernel": (*size, channels // groups, filters), "bias": bias})
        return _conv_2d(call, x, weights["kernel"], bias_of(weights))

    return activated(call, on_images(call, call.x, apply))


def _conv_2d(call: LayerCall, x: int, kernel: Array, bias: Array | None) -> int:
    w = call.constant("kernel", _image_kernel(call, kernel).transpose(3, 0, 1, 2))
    steps = _steps(call, x, pair(call, "kernel_size"))
    return call.emit("CONV_2D", x, w, optional_constant(call, "bias", bias), **steps, **plain())


def _depthwise_convolution(call: LayerCall) -> int:
    """DEPTHWISE_CONV_2D."""

    def apply(x: int) -> int:
        channels, multiplier = call.shape(x)[-1], call.config.integer("depth_multiplier", default=1)
        bias = (channels * multiplier,) if call.config.flag("use_bias", default=True) else None
        weights = call.variables({"kernel": (*_own_size(call), channels, multiplier), "bias": bias})
        return _depthwise(call, x, weights["kernel"], bias_of(weights), "")

    return activated(call, on_images(call, call.x, apply))


def _depthwise(call: LayerCall, x: int, kernel: Array, bias: Array | None, step: str) -> int:
    kernel = _image_kernel(call, kernel)
    height, width, channels, multiplier = kernel.shape
    w = call.constant("depthwise_kernel", kernel.reshape(1, height, width, channels * multiplier))
    steps = _steps(call, x, (height, width))
    b = optional_constant(call, "bias", bias)
    return call.emit("DEPTHWISE_CONV_2D", x, w, b, step=step, multiplier=multiplier, **steps, **plain())


def _separable_convolution(call: LayerCall) -> int:
    """DEPTHWISE_CONV_2D, then CONV_2D with kernels of size 1."""

    def apply(x: int) -> int:
        channels, filters = call.shape(x)[-1], call.config.integer("filters")
        deep = channels * call.config.integer("depth_multiplier", default=1)
        rank = spatial_rank(call)
        weights = call.variables(
            {
                "depthwise_kernel": (*_own_size(call), channels, deep // channels),
                "pointwise_kernel": (*(1,) * rank, deep, filters),
                "bias": (filters,) if call.config.flag("use_bias", default=True) else None,
            }
        )
        x = _depthwise(call, x, weights["depthwise_kernel"], None, "depthwise")
        w = call.constant("pointwise_kernel", _image_kernel(call, weights["pointwise_kernel"]).transpose(3, 0, 1, 2))
        one: dict[str, Any] = {"stride": (1, 1), "dilation": (1, 1), "pads": (0, 0, 0, 0)}
        return call.emit("CONV_2D", x, w, optional_constant(call, "bias", bias_of(weights)), **one, **plain())

    return activated(call, on_images(call, call.x, apply))


def _transposed_convolution(call: LayerCall) -> int:
    """TRANSPOSE_CONV; dilation_rate and groups must be 1."""

    def apply(x: int) -> int:
        channels, filters = call.shape(x)[-1], call.config.integer("filters")
        bias = (filters,) if call.config.flag("use_bias", default=True) else None
        weights = call.variables({"kernel": (*_own_size(call), filters, channels), "bias": bias})
        if pair(call, "dilation_rate", 1) != (1, 1):
            call.refuse(f"dilation_rate is {call.config.get('dilation_rate')}, must be 1")
        if call.config.integer("groups", default=1) != 1:
            call.refuse("groups must be 1")
        w = call.constant("kernel", _image_kernel(call, weights["kernel"]).transpose(2, 0, 1, 3))
        size, stride, pads = _transposed_steps(call, x)
        b = optional_constant(call, "bias", bias_of(weights))
        return call.emit("TRANSPOSE_CONV", x, w, b, size=size, stride=stride, pads=pads, **plain())

    return activated(call, on_images(call, call.x, apply))


def _transposed_steps(call: LayerCall, x: int) -> tuple[Pair, Pair, Any]:
    """(size, stride, pads): the output is the input of the convolution that would give this layer's input."""
    kernel, stride = pair(call, "kernel_size"), pair(call, "strides", 1)
    same = call.config.choice("padding", ("valid", "same"), "valid") == "same"
    _, height, width, _ = call.shape(x)
    down = _grown(call, height, kernel[0], stride[0], same, 0)
    across = _grown(call, width, kernel[1], stride[1], same, -1)
    size = (1 if spatial_rank(call) == 1 else down, across)
    return size, stride, window_pads(0 if same else 1, size, kernel, stride)


def _grown(call: LayerCall, size: int, kernel: int, stride: int, same: bool, dimension: int) -> int:
    """The output's size along one dimension, as Keras computes it with and without `output_padding`."""
    if call.config.get("output_padding") is None:
        return size * stride + (0 if same else max(kernel - stride, 0))
    added = call.config.integers("output_padding", spatial_rank(call), low=0)[dimension]
    grown = (size - 1) * stride + kernel + added - (2 * (kernel // 2) if same else 0)
    seen = grown if same else grown - kernel + 1
    if -(-seen // stride) != size:
        call.config.damaged(f"output_padding is {added}, must be smaller than the stride {stride}")
    return grown


TRANSLATORS: dict[str, Translator] = {
    "Conv1D": _convolution,
    "Conv2D": _convolution,
    "Convolution1D": _convolution,
    "Convolution2D": _convolution,
    "DepthwiseConv1D": _depthwise_convolution,
    "DepthwiseConv2D": _depthwise_convolution,
    "SeparableConv1D": _separable_convolution,
    "SeparableConv2D": _separable_convolution,
    "Conv1DTranspose": _transposed_convolution,
    "Conv2DTranspose": _transposed_convolution,
}
