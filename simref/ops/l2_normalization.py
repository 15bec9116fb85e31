"""y[..., c] = x[..., c] / max(sqrt(sum over k of x[..., k]**2), epsilon).

The squares are added to 0 one after the other, as multiply-adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.errors import UnsupportedError
from simref.float32 import sqrt
from simref.graph import Array, Layer
from simref.ops._activation import Activation, activation_from_tflite
from simref.ops._normalization import MAX_RANK, NOT_NEGATIVE, in_place, squares
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, Value, equation_of
from simref.ops._rules import InputDtype, NotEmpty, Operands, OutputDtype, OutputShape, Rank, same_shape

_TFLITE_EPSILON = 1e-6


@dataclass(frozen=True)
class Attributes:
    """epsilon: the smallest norm that is divided by."""

    epsilon: float


def attributes(options: Any, layer: Layer) -> Attributes:
    """TFLite's epsilon; it computes no fused activation either."""
    if activation_from_tflite(options.FusedActivationFunction()) is not Activation.NONE:
        raise UnsupportedError("it has a fused activation, must have none")
    return Attributes(_TFLITE_EPSILON)


def macc(layer: Layer) -> int:
    """Two per element: its square, its quotient."""
    return 2 * layer.input(0).elements


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """float32 of the input's shape."""
    x, epsilon = inputs[0], np.float32(layer.attributes.epsilon)
    roots = sqrt(squares(x, layer.fused), layer.fused)
    with np.errstate(all="ignore"):
        return (x / np.where(roots < epsilon, epsilon, roots)[..., np.newaxis],)


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same in compiled code."""
    from simref.ops._numba_normalization import l2_normalize_rows

    x = np.ascontiguousarray(inputs[0])
    rows = x.reshape(-1, x.shape[-1])
    return (l2_normalize_rows(rows, np.float32(layer.attributes.epsilon), layer.fused).reshape(x.shape),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call over the rows."""
    depth = layer.input(0).shape[-1]
    params: dict[str, Value] = {
        "rows": layer.input(0).elements // depth,
        "depth": depth,
        "epsilon": float(layer.attributes.epsilon),
    }
    return (KernelCall(kernel="l2_normalization_f32", params=params, operands=(0,)),)


OP = Op(
    name="L2_NORMALIZATION",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="L2NormOptions", attributes=attributes),
    macc=macc,
    forms=(
        Form(
            rounding="float32: squares summed in one lane, one division",
            rules=(
                Operands(1),
                InputDtype("input", 0, ("float32",)),
                OutputDtype(("float32",)),
                NotEmpty(),
                Rank("input", 0, 1, MAX_RANK),
                NOT_NEGATIVE,
                OutputShape(same_shape),
            ),
            reference=reference,
            numba=numba,
            kernels=kernels,
            in_place=in_place,
        ),
    ),
)
