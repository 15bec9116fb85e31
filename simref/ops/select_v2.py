"""y = a where the condition holds, else b, with broadcasting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simref.graph import Array, Layer
from simref.ops._elementwise import broadcast_rules, elements, in_place, of_one_rank, walk_params
from simref.ops._movement import MOVABLE
from simref.ops._numbers import NO_NAN
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, equation_of
from simref.ops._rules import InputDtype, NotEmpty, Operands, SameDtype, SameQuantization


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Elements are chosen, not computed."""
    return (np.where(*of_one_rank(layer, inputs)),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call of select_v2_8, _16, _32 or _64, by the bits of an element."""
    shapes = [layer.input(position).shape for position in (1, 2, 0)]
    kernel = f"select_v2_{8 * layer.output.dtype.itemsize}"
    return (KernelCall(kernel=kernel, params=walk_params(*shapes), operands=(0, 1, 2)),)


OP = Op(
    name="SELECT_V2",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="SelectV2Options"),
    macc=elements,
    forms=(
        Form(
            rounding="none: choice",
            rules=(
                Operands(3),
                InputDtype("condition", 0, ("bool",)),
                InputDtype("input 1", 1, MOVABLE),
                SameDtype(first=1),
                SameQuantization("inputs", first=1),
                NotEmpty(),
                NO_NAN,
                *broadcast_rules(3),
            ),
            reference=reference,
            numba=None,
            kernels=kernels,
            in_place=in_place,
        ),
    ),
    key=1,
)
