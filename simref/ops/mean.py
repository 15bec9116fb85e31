"""y = mean(x) over `axes`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simref.fixedpoint import multiply_by_quantized_multiplier, quantize_multiplier, saturate
from simref.graph import Array, Layer
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, Value, equation_of, never_in_place
from simref.ops._reduce import (
    REDUCTION_RULES,
    attributes,
    input_elements,
    reduced_elements,
    sample_axes,
    walk_params,
)
from simref.ops._reduce_numbers import ONE_LANE, number_form, summed


def scaling(layer: Layer) -> tuple[int, int]:
    """(multiplier, shift) from the sum to the output's scale: the division by the count is part of the multiplier."""
    multiplier, shift = quantize_multiplier(layer.input(0).scale / layer.output.scale)
    count = reduced_elements(layer)
    extra = min(count.bit_length() - 1, 32, 31 + shift)
    return (multiplier << extra) // count, shift - extra


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Equals TFLite reference_ops::QuantizedMeanOrSum for means."""
    total = inputs[0].sum(axis=sample_axes(layer), dtype=np.int64, keepdims=layer.attributes.keep_dims)
    total -= layer.input(0).zero_point * reduced_elements(layer)
    return (saturate(multiply_by_quantized_multiplier(total, *scaling(layer)) + layer.output.zero_point, np.int8),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call of reduce_sum_s8."""
    multiplier, shift = scaling(layer)
    params: dict[str, Value] = {
        **walk_params(layer),
        "mask": -1,
        "bias": -layer.input(0).zero_point * reduced_elements(layer),
        "multiplier": multiplier,
        "shift": shift,
        "zero_point": layer.output.zero_point,
        "low": -128,
        "high": 127,
    }
    return (KernelCall(kernel="reduce_sum_s8", params=params, operands=(0,)),)


def mean(x: Array) -> Array:
    """The sum of the last axis divided by its length."""
    return np.asarray(summed(x) / np.float32(x.shape[-1]))


def divisor(layer: Layer) -> dict[str, Value]:
    """What the sum is divided by."""
    return {"divisor": float(reduced_elements(layer))}


OP = Op(
    name="MEAN",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="ReducerOptions", attributes=attributes, operands=1),
    macc=input_elements,
    forms=(
        Form(
            rounding="double, its multiplier truncated when divided by the count",
            rules=REDUCTION_RULES,
            reference=reference,
            numba=None,
            kernels=kernels,
            in_place=never_in_place,
        ),
        number_form("float32", "reduce_sum", mean, f"{ONE_LANE}, one division by the count", divisor),
    ),
)
