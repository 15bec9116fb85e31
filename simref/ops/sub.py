"""y = activation(a - b), in real numbers, with broadcasting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simref.graph import Array, Layer
from simref.ops import _addition
from simref.ops._binary import arithmetic_macc, float_form, integer_form, plain
from simref.ops._elementwise import BINARY_RULES, fused_activation, in_place
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, equation_of


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """See `_addition.reference`."""
    return _addition.reference(layer, inputs, sign=-1)


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """See `_addition.numba`."""
    return _addition.numba(layer, inputs, sign=-1)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """See `_addition.kernels`."""
    return _addition.kernels(layer, sign=-1)


OP = Op(
    name="SUB",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="SubOptions", attributes=fused_activation),
    macc=arithmetic_macc,
    forms=(
        Form(
            rounding="double, thrice: both inputs, then the difference",
            rules=(*BINARY_RULES, _addition.SCALE_RULE),
            reference=reference,
            numba=numba,
            kernels=kernels,
            in_place=in_place,
        ),
        float_form("sub", plain(np.subtract), activation=True),
        integer_form("sub", plain(np.subtract), activation=True),
    ),
)
