"""A graph's float32 layers by what they write: what rewrites of whole formulas ask."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain

import numpy as np

from simref.graph import Array, Graph, Layer, Shape
from simref.ops._activation import Activation
from simref.passes._affine import activation_of

_CLAMPS = ("CLIP", "MAXIMUM", "MINIMUM", "RELU", "RELU6", "RELU_0_TO_1", "RELU_N1_TO_1")
_NONE = Activation.NONE


class Parts:
    """Layers found by the tensor they write, if that is float32 or bool."""

    def __init__(self, graph: Graph) -> None:
        self._tensors = graph.tensors
        pairs = zip(graph.nodes, graph.layers, strict=True)
        floats = [(node, layer) for node, layer in pairs if layer.output.dtype.name in ("float32", "bool")]
        self._writers = {node.outputs[0]: (node, layer) for node, layer in floats if activation_of(layer) is _NONE}
        self._clamping = {node.outputs[0]: (node, layer) for node, layer in floats if activation_of(layer) is not _NONE}

    def written(self) -> Iterator[int]:
        """Every tensor that such a layer writes."""
        return chain(self._writers, self._clamping)

    def layer(self, index: int, *ops: str) -> Layer | None:
        """The layer of one of those operators, without an activation, that writes the tensor."""
        layer = self._writers[index][1] if index in self._writers else None
        return None if layer is None or layer.op not in ops else layer

    def inputs(self, index: int, *ops: str) -> tuple[int, ...] | None:
        """What that layer reads."""
        if self.layer(index, *ops) is None:
            return None
        return tuple(i for i in self._writers[index][0].inputs if i is not None)

    def operand(self, index: int) -> int:
        """The first tensor that the layer that writes this one reads."""
        return next(i for i in self._writers[index][0].inputs if i is not None)

    def pairs(self, index: int, *ops: str) -> Iterator[tuple[int, int]]:
        """Both orders of what a layer of two operands reads; nothing where it is another layer."""
        found = self.inputs(index, *ops)
        if found is not None and len(found) == 2:
            yield found[0], found[1]
            yield found[1], found[0]

    def constant(self, index: int) -> Array | None:
        """The value of a float32 constant."""
        data = self._tensors[index].data
        return data if data is not None and data.dtype == np.float32 else None

    def number(self, index: int) -> float | None:
        """The value of a float32 constant of one element."""
        data = self.constant(index)
        return float(data.reshape(-1)[0]) if data is not None and data.size == 1 else None

    def shape(self, index: int) -> Shape:
        """The tensor's shape."""
        return self._tensors[index].shape

    def sum(self, index: int) -> tuple[float, int] | None:
        """The tensor as a number plus a tensor."""
        return self._number_first(self.inputs(index, "ADD"))

    def unclamped(self, index: int) -> tuple[int, float, float]:
        """(x, low, high), where the tensor is x kept between two numbers, by any layers in a row."""
        low, high = -math.inf, math.inf
        while (found := self._clamp(index)) is not None:
            inner, *bounds = found
            both = max(low, bounds[0]), min(high, bounds[1])
            if both[0] > both[1]:
                break
            index, (low, high) = inner, both
        return index, low, high

    def clamped_sum(self, index: int) -> tuple[float, int, float, float] | None:
        """(number, x, low, high), where the tensor is their sum kept between low and high."""
        node, layer = self._clamping.get(index, (None, None))
        if node is not None and layer is not None and layer.op == "ADD":
            shifted = self._number_first(tuple(i for i in node.inputs if i is not None))
            low, high = layer.attributes.activation.value
        else:
            inner, low, high = self.unclamped(index)
            shifted = self.sum(inner)
        return None if shifted is None else (*shifted, low, high)

    def _clamp(self, index: int) -> tuple[int, float, float] | None:
        layer = self.layer(index, *_CLAMPS)
        if layer is None:
            return None
        if layer.op == "CLIP":
            return self.operand(index), layer.attributes.low, layer.attributes.high
        if layer.op not in ("MAXIMUM", "MINIMUM"):
            return self.operand(index), *Activation[layer.op].value
        found = self._number_first(self.inputs(index, layer.op))
        if found is None or self.shape(found[1]) != self.shape(index):
            return None
        return (found[1], found[0], math.inf) if layer.op == "MAXIMUM" else (found[1], -math.inf, found[0])

    def _number_first(self, operands: tuple[int, ...] | None) -> tuple[float, int] | None:
        """The value of the operand that is a number, and the other operand."""
        if operands is None or len(operands) != 2:
            return None
        pairs = ((self.number(operands[k]), operands[1 - k]) for k in (0, 1))
        return next(((number, other) for number, other in pairs if number is not None), None)
