"""y = x inside a border of the stored value."""

from __future__ import annotations

from typing import Any

from simref.errors import ModelError
from simref.graph import Layer
from simref.ops._movement import view_in_place
from simref.ops._op import Form, Op, TFLiteBinding, equation_of, no_macc
from simref.ops._pad import PAD_RULES, Attributes, moves, pad_kernels, pad_reference, stored_pads
from simref.ops._stored import stored_operand


def attributes(options: Any, layer: Layer) -> Attributes:
    """The paddings operand and the border's value, which must be quantized as the output is (TFLite's `EvalInt`)."""
    data = stored_operand(layer, 2, "padding value")
    if data.size != 1 or data.dtype != layer.output.dtype:
        raise ModelError(f"padding value is {data.size} of {data.dtype}, must be one of {layer.output.dtype}")
    value, output = layer.input(2).quantization, layer.output.quantization
    if value is not None and output is not None:
        same = value.scale[0] == output.scale[0] and value.zero_point[0] == output.zero_point[0]
        if not same:
            raise ModelError("padding value and output differ in scale or zero point, must share them")
    return Attributes(stored_pads(layer), data.item())


OP = Op(
    name="PADV2",
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
