"""y = min(a, b), with broadcasting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simref.graph import Array, Layer
from simref.ops._binary import float_form, integer_form, plain
from simref.ops._elementwise import BINARY_RULES, aligned, elements, in_place, walk_params
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, equation_of
from simref.ops._rules import SameQuantization


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Equals TFLite's MINIMUM: the stored integers are compared as they are."""
    return (np.minimum(*aligned(layer, inputs, np.int8)),)


def smaller(a: Array, b: Array) -> Array:
    """a < b ? a : b, as TFLite: b where one of them is NaN."""
    return np.where(a < b, a, b)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call of minimum_s8."""
    params = walk_params(layer.input(0).shape, layer.input(1).shape)
    return (KernelCall(kernel="minimum_s8", params=params, operands=(0, 1)),)


OP = Op(
    name="MINIMUM",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="MaximumMinimumOptions"),
    macc=elements,
    forms=(
        Form(
            rounding="none: minimum",
            rules=(*BINARY_RULES, SameQuantization("inputs")),
            reference=reference,
            numba=None,
            kernels=kernels,
            in_place=in_place,
        ),
        float_form("minimum", plain(smaller), rounding="none: minimum"),
        integer_form("minimum", plain(smaller), rounding="none: minimum"),
    ),
)
