"""y = x inside a border of one value: zero if none is given (quantized: the zero point)."""

from __future__ import annotations

from typing import Any

from simref.graph import Layer
from simref.ops._movement import view_in_place
from simref.ops._op import Form, Op, TFLiteBinding, equation_of, no_macc
from simref.ops._pad import PAD_RULES, Attributes, moves, pad_kernels, pad_reference, stored_pads


def attributes(options: Any, layer: Layer) -> Attributes:
    """The paddings operand; the border is the output's zero point, as in TFLite's `EvalInt`."""
    quantized = layer.output.quantization is not None and not layer.output.per_channel
    return Attributes(stored_pads(layer), layer.output.zero_point if quantized else 0)


OP = Op(
    name="PAD",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(attributes=attributes, operands=1),
    macc=no_macc,
    forms=(
        Form(
            rounding="none: data movement",
            rules=PAD_RULES,
            reference=pad_reference,
            numba=None,
            kernels=pad_kernels,
            in_place=view_in_place(moves),
        ),
    ),
)
