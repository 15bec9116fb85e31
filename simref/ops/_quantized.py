"""What convolutions and dense layers share: scales per channel, folded biases, packed weights, rules, rounding."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simref.fixedpoint import multiply_by_quantized_multiplier, quantize_multipliers, saturate, wrap_int32
from simref.graph import Array, Layer, Quantization, Tensor
from simref.ops._activation import activation_macc, activation_range
from simref.ops._op import Value
from simref.ops._rules import Constant, Custom, InputDtype, OutputDtype, PerTensor, Rank, Rule

WEIGHTS, BIAS = 1, 2
INT32_LIMIT = 2**31


@dataclasses.dataclass(frozen=True)
class Requantization:
    """From sums to int8. multiplier, shift: int32 of shape (channels,), or (1,) where one scale serves all."""

    multiplier: NDArray[np.int32]
    shift: NDArray[np.int32]
    zero_point: int
    low: int
    high: int

    def of_channels(self, first: int, last: int, channels: int) -> Requantization:
        """The scales of the channels first to last - 1 of all, each with its own even where one serves all."""
        multiplier, shift = (np.broadcast_to(m, (channels,))[first:last] for m in (self.multiplier, self.shift))
        return Requantization(multiplier, shift, self.zero_point, self.low, self.high)


def requantization(layer: Layer) -> Requantization:
    """Scales and output range of a layer with inputs (x, weights, …)."""
    low, high = activation_range(layer.attributes.activation, layer.output)
    return Requantization(*quantize_multipliers(real_factors(layer)), layer.output.zero_point, low, high)


def macc_of(layer: Layer, products: int) -> int:
    """Of a layer of so many products: these, the biases, and a float activation."""
    bias = layer.optional_input(BIAS)
    return products + (0 if bias is None else bias.elements) + activation_macc(layer)


def real_factors(layer: Layer) -> NDArray[np.float64]:
    """Input scale x weight scale / output scale of each channel, or of all; TFLite computes them in double."""
    weights = layer.input(WEIGHTS).quantization
    assert weights is not None
    return np.asarray(layer.input(0).scale * weights.scale.astype(np.float64) / layer.output.scale)


def requantize(sums: Array, bias: Array, scales: Requantization) -> Array:
    """int8 of sums whose last axis is the channels, the bias added modulo 2**32; the multiply rounds twice."""
    sums = wrap_int32(sums + bias)
    y = multiply_by_quantized_multiplier(sums, scales.multiplier, scales.shift) + scales.zero_point
    return saturate(np.clip(y, scales.low, scales.high), np.int8)


def bias_of(layer: Layer, channels: int) -> NDArray[np.int64]:
    """The stored bias, zeros where the model has none."""
    if layer.optional_input(BIAS) is None:
        return np.zeros(channels, np.int64)
    return layer.constant(BIAS).astype(np.int64)


def exact_float(weights: Array, zero_point: int) -> np.dtype[Any]:
    """The narrower float in which sums of (x - zero_point) * weights, one row per channel, are exact in any order.

    No partial sum exceeds (largest |x - zero_point|) * (largest row sum of |weights|); floats hold all integers up to
    2**24, doubles up to 2**53, which int32 sums never reach.
    """
    widest = max(zero_point + 128, 127 - zero_point)
    largest = int(np.abs(weights.astype(np.int64)).sum(axis=1).max(initial=0))
    return np.dtype(np.float32 if largest * widest < 2**24 else np.float64)


def folded_bias(rows: Array, bias: Array, zero_point: int) -> NDArray[np.int32]:
    """bias - zero_point * (row sums of the weights): then sums take x as it is, and padding is the zero point.

    Modulo 2**32, as everything that a bias is added to: trained networks have channels whose bias is INT32_MIN.
    """
    return wrap_int32(bias - zero_point * rows.astype(np.int64).sum(axis=1)).astype(np.int32)


def packed_rows(rows: Array) -> NDArray[np.int8]:
    """Weights (channels, depth) in the order of runtime_c/dot_s8.h: [depth][8] blocks, one [depth][4], single rows."""
    packed: list[Array] = []
    first = 0
    for width in (8, 4, 1):
        while first + width <= len(rows):
            packed.append(rows[first : first + width].T.ravel())
            first += width
    return np.concatenate(packed).astype(np.int8)


def dense_params(scales: Requantization, depth: int, channels: int) -> dict[str, Value]:
    """The fields of struct simref_dense_s8, as fields of a member `dense`."""
    params: dict[str, Value] = {
        "depth": depth,
        "channels": channels,
        "output_zero_point": scales.zero_point,
        "low": scales.low,
        "high": scales.high,
        "multiplier": scales.multiplier,
        "shift": scales.shift.astype(np.int8),
    }
    return {f"dense.{name}": value for name, value in params.items()}


Rows = Callable[[Layer], Array]


def operand_rules(ranks: tuple[int, int], weights_rank: int) -> tuple[Rule, ...]:
    """The dtypes, ranks and storage of x, weights and bias; `ranks` are the lowest and highest of x."""
    return (
        InputDtype("input", 0, ("int8",)),
        InputDtype("weights", WEIGHTS, ("int8",)),
        InputDtype("bias", BIAS, ("int32",)),
        OutputDtype(("int8",)),
        Rank("input", 0, *ranks),
        Rank("weights", WEIGHTS, weights_rank, weights_rank),
        Constant("weights", WEIGHTS),
        Constant("bias", BIAS),
        PerTensor((0,)),
    )


def weight_rows(layer: Layer) -> Array:
    """The weights as (channels, depth), where the channels are their first axis."""
    weights = layer.constant(WEIGHTS)
    return weights.reshape(len(weights), -1)


def channel_rules(axis: int, rows: Rows = weight_rows) -> tuple[Rule, ...]:
    """What must hold for each output channel. axis: that of the weights; rows: the weights as (channels, depth)."""

    def scales_violation(layer: Layer) -> str | None:
        weights = layer.input(WEIGHTS)
        q, channels = weights.quantization, weights.shape[axis]
        if q is None:
            return f'weights "{weights.name}" have no scale'
        if q.axis is not None and (q.axis != axis or q.scale.size != channels):
            return f"weights have {q.scale.size} scales along axis {q.axis}, must have 1 or {channels} along {axis}"
        wrong = q.zero_point[q.zero_point != 0]
        return f"weights have the zero point {wrong[0]}, must be 0" if wrong.size else None

    def products_violation(layer: Layer) -> str | None:
        largest = 256 * int(np.abs(rows(layer).astype(np.int64)).sum(axis=1).max(initial=0))
        return None if largest < INT32_LIMIT else f"products add up to {largest}, must stay below 2**31"

    return (
        Custom("weights have zero point 0 and one scale, or one per output channel", scales_violation, _shift_weights),
        bias_rule(axis),
        Custom("256 times a channel's sum of absolute weights fits int32", products_violation, _raise_weights),
    )


def bias_rule(axis: int) -> Rule:
    """The bias has one element for each output channel; axis: that of the channels of the weights."""

    def violation(layer: Layer) -> str | None:
        bias, channels = layer.optional_input(BIAS), layer.input(WEIGHTS).shape[axis]
        if bias is None or bias.shape == (channels,):
            return None
        return f"bias has shape {bias.shape}, must have ({channels},), one per output channel"

    return Custom("bias has one element per output channel", violation, _lengthen_bias)


def _shift_weights(layer: Layer) -> Layer:
    weights = layer.input(WEIGHTS)
    quantization = Quantization(np.ones(1, np.float32), np.ones(1, np.int64))
    return _with(layer, WEIGHTS, dataclasses.replace(weights, quantization=quantization))


def _lengthen_bias(layer: Layer) -> Layer:
    bias = layer.input(BIAS)
    return _with(layer, BIAS, dataclasses.replace(bias, shape=(bias.shape[0] + 1,)))


def _raise_weights(layer: Layer) -> Layer:
    weights = layer.input(WEIGHTS)
    data = np.full(weights.shape, 1 << 23, np.int32)
    return _with(layer, WEIGHTS, dataclasses.replace(weights, data=data))


def _with(layer: Layer, position: int, tensor: Tensor) -> Layer:
    inputs = list(layer.inputs)
    inputs[position] = tensor
    return layer.replace(inputs=tuple(inputs))
