"""y = sum(x) over `axes`; int8 as in TFLite's reference kernel, with the bytes of x and y taken as uint8.

That kernel (reduce.cc, QuantizedMeanOrSum of the reference build) reads and writes int8 tensors through uint8 pointers:
each negative x counts 256 too much, y is clamped to 0 to 255 and its byte stored. It is followed here because it is the
oracle; TFLite's optimized kernels and TFLite Micro sum int8 values. Both agree only where no x and no y is negative.
"""

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
from simref.ops._reduce_numbers import ONE_LANE, WRAPS, number_form, summed


def scaling(layer: Layer) -> tuple[int, int]:
    """(multiplier, shift) from the sum to the output's scale."""
    return quantize_multiplier(layer.input(0).scale / layer.output.scale)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Equals TFLite reference_ops::QuantizedMeanOrSum for sums, as BUILTIN_REF calls it."""
    total = inputs[0].view(np.uint8).sum(axis=sample_axes(layer), dtype=np.int64, keepdims=layer.attributes.keep_dims)
    total -= layer.input(0).zero_point * reduced_elements(layer)
    y = multiply_by_quantized_multiplier(total, *scaling(layer)) + layer.output.zero_point
    return (saturate(y, np.uint8).view(np.int8),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call of reduce_sum_s8."""
    multiplier, shift = scaling(layer)
    params: dict[str, Value] = {
        **walk_params(layer),
        "mask": 255,
        "bias": -layer.input(0).zero_point * reduced_elements(layer),
        "multiplier": multiplier,
        "shift": shift,
        "zero_point": layer.output.zero_point,
        "low": 0,
        "high": 255,
    }
    return (KernelCall(kernel="reduce_sum_s8", params=params, operands=(0,)),)


OP = Op(
    name="SUM",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="ReducerOptions", attributes=attributes, operands=1),
    macc=input_elements,
    forms=(
        Form(
            rounding="double",
            rules=REDUCTION_RULES,
            reference=reference,
            numba=None,
            kernels=kernels,
            in_place=never_in_place,
            caveat=(
                "computed as TFLite's reference kernel does, which takes int8 for uint8: wrong sums wherever a value "
                "is negative; TFLite's optimized kernels and TFLite Micro differ. Use MEAN and a scale instead"
            ),
        ),
        number_form("float32", "reduce_sum", summed, ONE_LANE, lambda layer: {"divisor": 1.0}),
        *(number_form(dtype, "reduce_sum", summed, WRAPS) for dtype in ("int32", "int64")),
    ),
)
