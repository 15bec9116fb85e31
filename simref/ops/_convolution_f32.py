"""Sums of float32 products: what convolutions, dense layers and matrix products of float32 share.

A sum starts at +0.0 and adds one product after the other (`multiply_add`), the taps of a window from left to right and
from top to bottom, the channels of a tap innermost. Then the bias is added, which is never -0.0, and the activation
clamps. A tap outside the image may be left out or multiplied as 0: weights are finite, so its product changes nothing
but the sign of a sum that is zero, and the bias undoes that.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simref.float32 import multiply_add
from simref.graph import Array, Layer
from simref.ops._activation import Activation
from simref.ops._numbers import clamp, clamp_params
from simref.ops._op import Form, KernelCall, Value, never_in_place
from simref.ops._quantized import BIAS, WEIGHTS, bias_rule
from simref.ops._rules import Constant, Finite, InputDtype, NotEmpty, OutputDtype, Rank, Rule
from simref.ops._window import Pair, as_images, padded, tap

Float32 = NDArray[np.float32]

ROUNDING = "float32: each step of a sum of products"
"""What the forms that compute such sums say of themselves."""

# SIMREF_BLOCK_F32 of runtime_c/dot_f32.h.
BLOCK = 4

Sums = Callable[[Float32, Float32, Pair, Pair, Pair, int, bool], Float32]
"""(padded images, weights, output size, stride, dilation, groups, fused) -> sums without bias.

images: (n, height, width, groups * depth). weights: (groups, height, width, depth, share), contiguous. The result is
(n, *size, groups * share).
"""


def convolution_sums(
    images: Float32, weights: Float32, size: Pair, stride: Pair, dilation: Pair, groups: int, fused: bool
) -> Float32:
    """Channel by channel of each tap: one product for all sums."""
    _, height, width, depth, share = weights.shape
    sums = np.zeros((len(images), *size, groups, share), np.float32)
    for k in range(height):
        for m in range(width):
            seen = tap(images, k, m, size, stride, dilation).reshape(len(images), *size, groups, depth)
            for c in range(depth):
                multiply_add(seen[..., c, np.newaxis], weights[:, k, m, c], sums, fused, out=sums)
    return sums.reshape(len(images), *size, groups * share)


def convolution_sums_numba(
    images: Float32, weights: Float32, size: Pair, stride: Pair, dilation: Pair, groups: int, fused: bool
) -> Float32:
    """The same in compiled code."""
    from simref.ops._numba_sums import convolution_sums as compiled

    y: Float32 = compiled(np.ascontiguousarray(images), weights, size, stride, dilation, groups, fused)
    return y


def sums_form(
    rules: tuple[Rule, ...],
    compute: Callable[[Layer, Array, Sums], Array],
    kernels: Callable[[Layer], tuple[KernelCall, ...]],
) -> Form:
    """compute: the output from the samples of input 0, by `convolution_sums` or its compiled twin."""
    return Form(
        rounding=ROUNDING,
        rules=rules,
        reference=lambda layer, inputs: (compute(layer, inputs[0], convolution_sums),),
        numba=lambda layer, inputs: (compute(layer, inputs[0], convolution_sums_numba),),
        kernels=kernels,
        in_place=never_in_place,
    )


def convolve(layer: Layer, x: Array, weights: Array, sums: Sums) -> Array:
    """float32 (samples, *output) of x (samples, *input) and OHWI weights, which may see one group of channels each."""
    a = layer.attributes
    depth = weights.shape[3]
    groups = x.shape[-1] // depth
    parts = weights.reshape(groups, -1, *weights.shape[1:]).transpose(0, 2, 3, 4, 1)
    _, height, width, _ = layer.output.shape
    images = padded(as_images(x), a.pads, 0)
    size = (height, width)
    y = sums(images, np.ascontiguousarray(parts), size, a.stride, a.dilation, groups, layer.fused)
    return ended(layer, y).reshape(len(x), *layer.output.shape)


def ended(layer: Layer, sums: Float32) -> Float32:
    """The sums with the bias added, clamped; the last axis is the channels."""
    activation: Activation = layer.attributes.activation
    with np.errstate(all="ignore"):
        total = sums + bias_of(layer, sums.shape[-1])
    return clamp(total, *activation.value)


def bias_of(layer: Layer, channels: int, position: int = BIAS) -> Float32:
    """The stored bias, zeros where the model has none; -0.0 becomes +0.0."""
    if layer.optional_input(position) is None:
        return np.zeros(channels, np.float32)
    return np.asarray(layer.constant(position) + np.float32(0), np.float32)


def packed_blocks(rows: Array) -> Array:
    """Values (channels, depth) in the order of runtime_c/dot_f32.h: [depth][4] blocks, then single rows."""
    whole = len(rows) - len(rows) % BLOCK
    blocks = rows[:whole].reshape(-1, BLOCK, rows.shape[1]).transpose(0, 2, 1)
    return np.concatenate([blocks.ravel(), rows[whole:].ravel()])


def dense_call(layer: Layer, rows: int) -> KernelCall:
    """The call for rows of the input, each multiplied with all weights."""
    channels = layer.output.shape[-1]
    weights = layer.constant(WEIGHTS).reshape(channels, -1)
    params = {
        "rows": rows,
        "depth": weights.shape[1],
        "channels": channels,
        **clamp_params(layer.attributes.activation),
    }
    operands = (0, packed_blocks(weights), bias_of(layer, channels))
    return KernelCall(kernel="fully_connected_f32", params=params, operands=operands)


def conv_call(layer: Layer, geometry: dict[str, Value], weights: Array, bias: Array) -> KernelCall:
    """The call for some output channels. geometry: see `conv_params`; weights (OHWI), bias: of those channels.

    Where there are no weights the kernel reads none: the bias takes their place.
    """
    fields = geometry | {"channels": len(weights)} | clamp_params(layer.attributes.activation)
    packed = packed_blocks(weights.reshape(len(weights), -1)) if weights.size else bias
    return KernelCall(
        kernel="conv_2d_f32",
        params={f"conv.{name}": value for name, value in fields.items()},
        operands=(0, packed, bias),
    )


def operand_rules(ranks: tuple[int, int], weights_rank: int, axis: int) -> tuple[Rule, ...]:
    """The dtypes, ranks and storage of x, weights and bias. ranks: lowest and highest of x; axis: of the channels."""
    return (
        InputDtype("input", 0, ("float32",)),
        InputDtype("weights", WEIGHTS, ("float32",)),
        InputDtype("bias", BIAS, ("float32",)),
        OutputDtype(("float32",)),
        Rank("input", 0, *ranks),
        Rank("weights", WEIGHTS, weights_rank, weights_rank),
        Constant("weights", WEIGHTS),
        Constant("bias", BIAS),
        Finite(),
        NotEmpty(),
        bias_rule(axis),
    )
