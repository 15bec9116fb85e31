"""y[..., c] = x[..., c] - log(sum over k of exp(x[..., k])), along `axis`.

With m the first largest of the row: d = x - m, then y = d - log(s), where s = 0 + exp(d[0]) + exp(d[1]) + … in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.float32 import exp, log
from simref.graph import Array, Layer
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, equation_of
from simref.ops._reduce_numbers import summed
from simref.ops._rows import in_rows, out_of_rows, row_params
from simref.ops._softmax_f32 import FLOAT_RULES, in_place, less_largest, macc


@dataclass(frozen=True)
class Attributes:
    """axis: from the front, or from the end if negative."""

    axis: int = -1


def attributes(options: Any, layer: Layer) -> Attributes:
    """The last axis: the options table is empty."""
    return Attributes()


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """float32 of the input's shape."""
    with np.errstate(all="ignore"):
        differences = less_largest(in_rows(layer, inputs[0]))
        logarithms = log(summed(exp(differences, layer.fused)), layer.fused)
        return (out_of_rows(layer, differences - logarithms[:, np.newaxis]),)


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same in compiled code."""
    from simref.ops._numba_softmax import log_softmax_rows

    return (out_of_rows(layer, log_softmax_rows(in_rows(layer, inputs[0]), layer.fused)),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call over the rows."""
    return (KernelCall(kernel="log_softmax_f32", params=row_params(layer), operands=(0,)),)


OP = Op(
    name="LOG_SOFTMAX",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="LogSoftmaxOptions", attributes=attributes),
    macc=macc,
    forms=(
        Form(
            rounding="float32: exponentials summed in one lane",
            rules=FLOAT_RULES,
            reference=reference,
            numba=numba,
            kernels=kernels,
            in_place=in_place,
        ),
    ),
)
