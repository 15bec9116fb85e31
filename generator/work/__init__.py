"""How often each loop of a kernel runs, from the parameters of its call: what a cost per loop is multiplied by.

Each function below follows the loop structure of its C file in runtime_c/ and gives, by name, how often a piece of it
is executed. The pieces are chosen so that each costs about the same every time: a call, an iteration of an inner loop,
a requantized block. They are counts of the portable C, the same for all cores; a compiler that turns two pieces into
one gives them one cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from generator.work import _convolution, _depthwise, _elementwise, _images, _movement, _reduction
from generator.work._counts import Count, Counts

if TYPE_CHECKING:
    from simref.ops import KernelCall

_WORK: Mapping[str, Count] = {
    "add_s8": _elementwise.broadcast_by_step,
    "arg_max_s8_s32": _reduction.arg_max,
    "arg_max_s8_s64": _reduction.arg_max,
    "average_pool_2d_s8": _images.pool,
    "conv_2d_1x1_s8": _convolution.conv_2d_1x1,
    "conv_2d_s8": _convolution.conv_2d,
    "copy_strided": _movement.copy_strided,
    "depthwise_conv_2d_s8": _depthwise.depthwise_conv_2d,
    "dequantize_s16_f32": _elementwise.elements,
    "dequantize_s8_f32": _elementwise.elements,
    "dequantize_u8_f32": _elementwise.elements,
    "fill_strided": _movement.fill_strided,
    "fully_connected_s8": _convolution.fully_connected,
    "lookup_s16": _elementwise.elements,
    "lookup_s8": _elementwise.fours,
    "max_pool_2d_s8": _images.pool,
    "maximum_s8": _elementwise.broadcast,
    "minimum_s8": _elementwise.broadcast,
    "mul_s8": _elementwise.broadcast_by_step,
    "quantize_f32_s16": _elementwise.elements,
    "quantize_f32_s8": _elementwise.elements,
    "reduce_max_s8": _reduction.reduce,
    "reduce_min_s8": _reduction.reduce,
    "reduce_sum_s8": _reduction.reduce,
    "requantize_s16_s16": _elementwise.elements,
    "requantize_s16_s8": _elementwise.elements,
    "resize_bilinear_s8": _images.resize_bilinear,
    "resize_nearest_neighbor": _images.resize_nearest_neighbor,
    "softmax_s8": _reduction.softmax,
}

KERNELS = tuple(_WORK)
"""The kernels whose work is known."""


def work_of(call: KernelCall) -> Counts:
    """Executions of each piece of one kernel call, by `kernel.piece`; pieces that never run are left out.

    Raises KeyError for a kernel that is not in `KERNELS`.
    """
    pieces = {"call": 1.0, **_WORK[call.kernel](call.params)}
    return {f"{call.kernel}.{piece}": count for piece, count in pieces.items() if count}
