"""Kernels for compressed weights: indices into tables of float32 values, with the sums of _convolution_f32."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from simref.codebook import Codebook
from simref.graph import Array, Layer
from simref.ops._convolution_f32 import BLOCK, bias_of, packed_blocks
from simref.ops._numbers import clamp_params
from simref.ops._op import KernelCall, Value
from simref.ops._quantized import WEIGHTS
from simref.ops._rules import Custom, Rule


def packed_indices(items: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    """Indices in a row, 8 bits each, or 4: two in a byte, the first in its low bits."""
    if bits == 8:
        return items
    pairs = np.pad(items, (0, items.size % 2)).reshape(-1, 2)
    return np.asarray(pairs[:, 0] | pairs[:, 1] << 4, np.uint8)


def of_channels(codebook: Codebook, part: slice) -> Codebook:
    """The codebook of some channels, whose axis is the first."""
    values = codebook.values if codebook.groups == 1 else codebook.values[part]
    return dataclasses.replace(codebook, values=values, indices=codebook.indices[part])


def dense_lut_call(layer: Layer, codebook: Codebook, rows: int) -> KernelCall:
    """The call for rows of the input; more than one are pixels of an image, for which weights are decoded once."""
    channels, depth = len(codebook.indices), codebook.indices[0].size
    bias = bias_of(layer, channels)
    if rows > 1:
        return conv_lut_call(layer, pixels_in_a_row(rows, depth, channels), codebook, bias)
    fields: dict[str, Value] = {"depth": depth, "channels": channels, "table_step": _table_step(codebook)}
    fields |= clamp_params(layer.attributes.activation)
    indices = packed_indices(packed_blocks(codebook.indices.reshape(channels, depth)), codebook.bits)
    return KernelCall(
        kernel=f"fully_connected_lut{codebook.bits}_f32",
        params={f"dense.{name}": value for name, value in fields.items()},
        operands=(0, indices, codebook.values, bias),
    )


def pixels_in_a_row(pixels: int, depth: int, channels: int) -> dict[str, Value]:
    """The geometry of a convolution of one tap over an image one pixel high; see _convolution.conv_params."""
    ones = ("batches", "input_height", "kernel_height", "kernel_width", "stride_height", "stride_width")
    zeros = ("first_input", "pad_top", "pad_left", "output_image", "output_row", "first_output")
    return {
        **dict.fromkeys((*ones, "dilation_height", "dilation_width", "output_height"), 1),
        **dict.fromkeys(zeros, 0),
        "input_width": pixels,
        "input_channels": depth,
        "depth": depth,
        "output_width": pixels,
        "output_pixel": channels,
    }


def conv_lut_call(layer: Layer, geometry: dict[str, Value], codebook: Codebook, bias: Array) -> KernelCall:
    """The call for some output channels. codebook: of their filters (OHWI); see _convolution_f32.conv_call."""
    channels = len(codebook.indices)
    fields = geometry | {"channels": channels} | clamp_params(layer.attributes.activation)
    return lut_call(
        "conv_2d_lut_f32", fields, {}, codebook, packed_blocks(codebook.indices.reshape(channels, -1)), bias
    )


def lut_call(
    kernel: str, fields: dict[str, Value], more: dict[str, Value], codebook: Codebook, items: Array, bias: Array
) -> KernelCall:
    """The call of a kernel that decodes blocks of channels. fields: of `conv`; items: indices in the kernel's order."""
    params = {f"conv.{name}": value for name, value in fields.items()} | more
    channels = len(bias)
    width = BLOCK if channels >= BLOCK else 1
    return KernelCall(
        kernel=kernel,
        params=params | {"lut.bits": codebook.bits, "lut.table_step": _table_step(codebook)},
        operands=(0, packed_indices(items, codebook.bits), codebook.values, bias),
        scratch=4 * width * items.size // channels,
    )


def _table_step(codebook: Codebook) -> int:
    return 0 if codebook.groups == 1 else codebook.entries


def codebook_rule(axis: int) -> Rule:
    """The tables of compressed weights lie along the channels; axis: that of the weights' channels."""

    def violation(layer: Layer) -> str | None:
        codebook = layer.input(WEIGHTS).codebook
        if codebook is None or codebook.groups == 1 or codebook.axis == axis:
            return None
        return f"weights have a table for each index of axis {codebook.axis}, must have them along axis {axis}"

    def broken(layer: Layer) -> Layer:
        weights = layer.input(WEIGHTS)
        other = next(k for k, size in enumerate(weights.shape) if k != axis and size > 1)
        values = np.zeros((weights.shape[other], 16), np.float32)
        wrong = Codebook(values, np.zeros(weights.shape, np.uint8), other)
        inputs = list(layer.inputs)
        inputs[WEIGHTS] = dataclasses.replace(weights, codebook=wrong)
        return layer.replace(inputs=tuple(inputs))

    return Custom("tables of compressed weights lie along the output channels", violation, broken)
