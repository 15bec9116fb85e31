"""The layers that converters of ONNX nodes add to a graph: their names and sizes, the scales of their integers."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simref.builder import GraphBuilder
from simref.errors import UnsupportedError
from simref.graph import Quantization
from simref.importers._untrusted import MAX_TENSOR_BYTES
from simref.importers.onnx.reader import Node
from simref.ops import OPERATORS

MAX_MADE = 1 << 20
# Layers whose integers mean what they mean for ONNX, whatever their scale: they move or compare them.
MOVING = frozenset(
    (
        *("BROADCAST_TO", "CONCATENATION", "DEPTH_TO_SPACE", "EXPAND_DIMS", "MAX_POOL_2D", "MIRROR_PAD", "PACK"),
        *("REDUCE_MAX", "REDUCE_MIN", "RESHAPE", "REVERSE_V2", "SLICE", "SPACE_TO_DEPTH", "SPLIT", "SQUEEZE"),
        *("STRIDED_SLICE", "TILE", "TRANSPOSE", "UNPACK"),
    )
)
OF_INTEGERS = MOVING | {"ARG_MAX", "ARG_MIN", "DEQUANTIZE", "GATHER", "QUANTIZE"}


def attributes_of(op: str, **fields: Any) -> Any:
    """The attributes that an operator's module declares."""
    if op not in OPERATORS:
        raise UnsupportedError(f"it needs the operator {op}, which is not supported")
    return importlib.import_module(f"simref.ops.{op.lower()}").Attributes(**fields)


@dataclass
class Layers:
    """The graph in the making."""

    builder: GraphBuilder
    _signed: dict[int, int] = field(default_factory=dict, kw_only=True)
    _names: dict[str, int] = field(default_factory=dict, kw_only=True)

    def layers(
        self,
        node: Node,
        op: str,
        inputs: Sequence[int | None],
        attributes: Any = None,
        *,
        outputs: int = 1,
        dtype: str | Sequence[str] | None = None,
        quantization: Quantization | None = None,
        suffix: str = "",
    ) -> tuple[int, ...]:
        """Add a layer named for the node; its output tensors, which keep the scale of the first input if any."""
        scale = self._scale(node, op, inputs)
        signed = [None if index is None else self._signed.get(index) for index in inputs]
        if scale is not None and op in MOVING and None not in signed:
            moved = self.layers(node, op, signed, attributes, outputs=outputs, suffix=suffix)
            return tuple(self.unsigned(node, index) for index in moved)
        made = self.builder.layers(
            op,
            self.unique(node.name + suffix),
            inputs,
            attributes,
            outputs=outputs,
            dtype=dtype,
            quantization=scale if dtype is None and quantization is None else quantization,
        )
        for index in made:
            self._check_size(node, index)
        return made

    def _scale(self, node: Node, op: str, inputs: Sequence[int | None]) -> Quantization | None:
        """The scale of the first input. Quantized tensors are plain integers for ONNX: few layers may read them so."""
        if op not in OPERATORS:
            raise UnsupportedError(f"{node}: it needs the operator {op}, which is not supported")
        first = next((index for index in inputs if index is not None), None)
        scale = None if first is None else self.builder.tensors[first].quantization
        if scale is not None and op not in OF_INTEGERS:
            raise UnsupportedError(
                f"{node}: it computes with the integers of a quantized tensor, must dequantize it first"
            )
        return scale

    def signed(self, node: Node, tensor: int) -> int:
        """The int8 tensor that stands for a quantized uint8 one; any other tensor itself."""
        unsigned = self.builder.tensors[tensor]
        if unsigned.dtype != np.uint8:
            return tensor
        if tensor not in self._signed:
            self._signed[tensor] = self._shifted(node, tensor, "int8", -128)
        return self._signed[tensor]

    def unsigned(self, node: Node, tensor: int) -> int:
        """The uint8 tensor of which the int8 one says the same; nothing reads it as long as that one will do."""
        made = self._shifted(node, tensor, "uint8", 128)
        self._signed[made] = tensor
        return made

    def _shifted(self, node: Node, tensor: int, dtype: str, shift: int) -> int:
        before = self.builder.tensors[tensor].quantization
        assert before is not None
        after = Quantization(before.scale, before.zero_point + shift)
        return self.layer(node, "QUANTIZE", [tensor], dtype=dtype, quantization=after, suffix=f"/{dtype}")

    def layer(self, node: Node, op: str, inputs: Sequence[int | None], attributes: Any = None, **options: Any) -> int:
        """Add a layer of one output."""
        (output,) = self.layers(node, op, inputs, attributes, **options)
        return output

    def _check_size(self, node: Node, index: int) -> None:
        tensor = self.builder.tensors[index]
        if min(tensor.shape, default=1) < 1 or tensor.nbytes > MAX_TENSOR_BYTES:
            raise UnsupportedError(f"{node}: output shape is {tensor.shape}, must hold 1 to {MAX_TENSOR_BYTES} bytes")

    def unique(self, name: str) -> str:
        """The name, with a number where it is taken."""
        count = self._names.get(name, 0)
        self._names[name] = count + 1
        return name if count == 0 else self.unique(f"{name}_{count}")

    def check_constant(self, node: Node, elements: int) -> None:
        """Before a constant is made whose size follows from shapes, not from what the file stores."""
        if elements > MAX_MADE:
            raise UnsupportedError(f"{node}: it needs a constant of {elements} elements, must be at most {MAX_MADE}")
