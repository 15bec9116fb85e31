"""LAYER_NORMALIZATION in the place of a batch normalization of columns, by their own mean and variance.

Keras 2 normalizes the rows of a tensor as the channels of an image with one row's elements in each: RESHAPE, TRANSPOSE,
the formula over all axes but the last, TRANSPOSE, RESHAPE.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from simref.graph import Graph, Node
from simref.ops.layer_normalization import Attributes
from simref.passes._norms import Normal, Norms
from simref.passes.remove_dead import remove_dead

# Rows as an image (1, rows, elements, 1) to rows as channels (1, elements, 1, rows), and back.
_TO_CHANNELS, _TO_ROWS = (0, 2, 3, 1), (0, 3, 1, 2)


def fuse_column_norm(graph: Graph) -> Graph:
    """Return the graph with one layer for each such normalization of float32, without scale and offset.

    Runs on nodes whose attributes are read. Promises: outputs are the same but for the rounding of the parts; the new
    layer has the name and the output of the last RESHAPE.
    """
    parts = _ColumnNorms(graph)
    nodes = []
    for node in graph.nodes:
        normal = parts.rows_normalized(node.outputs[0])
        if normal is None:
            nodes.append(node)
        else:
            attributes = Attributes(normal.axis, normal.epsilon)
            nodes.append(Node("LAYER_NORMALIZATION", node.name, (normal.x, None, None), node.outputs, attributes))
    return remove_dead(dataclasses.replace(graph, nodes=tuple(nodes)))


class _ColumnNorms(Norms):
    """Normalizations over all axes but the last."""

    def mean(self, index: int) -> tuple[int, int] | None:
        """(x, 0), where the tensor is the mean of x over all axes but the last."""
        layer = self.layer(index, "MEAN")
        if layer is None or tuple(layer.attributes.axes) != tuple(range(len(layer.input(0).shape) - 1)):
            return None
        return self.operand(index), 0

    def fits(self, index: int, x: int, axis: int) -> bool:
        """The tensor is a constant with an element for each column."""
        return self.constant(index) is not None and self.shape(index) == self.shape(x)[-1:]

    def rows_normalized(self, index: int) -> Normal | None:
        """The normalization of rows that the tensor is the result of."""
        columns = self._transposed(self._reshaped(index), _TO_ROWS)
        normal = None if columns is None else self.normalized(columns)
        image = None if normal is None else self._transposed(normal.x, _TO_CHANNELS)
        x = self._reshaped(image)
        if normal is None or image is None or x is None or self.shape(x) != self.shape(index):
            return None
        if self.shape(image)[::3] != (1, 1) or not (self._is_all(normal.gamma, 1) and self._is_all(normal.beta, 0)):
            return None
        shape, elements = self.shape(x), self.shape(image)[2]
        axes = (axis for axis in range(len(shape)) if math.prod(shape[axis:]) == elements)
        return next((Normal(x, axis, normal.epsilon) for axis in axes), None)

    def _reshaped(self, index: int | None) -> int | None:
        """What the tensor is another shape of."""
        return None if index is None or self.layer(index, "RESHAPE") is None else self.operand(index)

    def _transposed(self, index: int | None, permutation: tuple[int, ...]) -> int | None:
        """What that permutation makes the tensor of."""
        layer = None if index is None else self.layer(index, "TRANSPOSE")
        if index is None or layer is None or layer.attributes.permutation != permutation:
            return None
        return self.operand(index)

    def _is_all(self, index: int | None, value: float) -> bool:
        """Whether every element has that value; what is absent changes nothing."""
        data = None if index is None else self.constant(index)
        return index is None or (data is not None and bool(np.all(data == value)))
