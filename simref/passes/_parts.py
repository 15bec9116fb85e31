"""A graph's float32 layers by what they write: what rewrites of whole formulas ask."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simref.graph import Array, Graph, Layer, Shape
from simref.ops._activation import Activation


class Parts:
    """Layers found by the tensor they write, if that is float32 and they clamp nothing."""

    def __init__(self, graph: Graph) -> None:
        self._tensors = graph.tensors
        pairs = zip(graph.nodes, graph.layers, strict=True)
        self._writers = {node.outputs[0]: (node, layer) for node, layer in pairs if _is_plain(layer)}

    def written(self) -> Iterator[int]:
        """Every tensor that such a layer writes."""
        return iter(self._writers)

    def layer(self, index: int, *ops: str) -> Layer | None:
        """The layer of one of those operators that writes the tensor."""
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


def _is_plain(layer: Layer) -> bool:
    clamps = getattr(layer.attributes, "activation", Activation.NONE)
    return layer.output.dtype == np.float32 and clamps is Activation.NONE
