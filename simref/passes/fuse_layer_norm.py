"""LAYER_NORMALIZATION in the place of the mean, the variance and all that is done with them.

Frameworks write (x - mean) / sqrt(variance + epsilon), or x * factor + (beta - mean * factor), with the parts in many
spellings; all are found from what they read.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from simref.graph import Graph, Node
from simref.ops.layer_normalization import Attributes
from simref.passes._parts import Parts
from simref.passes.remove_dead import remove_dead


@dataclass(frozen=True)
class _Normal:
    """A normalized tensor: of x, from the axis on, with what it was multiplied by and what was added since."""

    x: int
    axis: int
    epsilon: float
    gamma: int | None = None
    beta: int | None = None


def fuse_layer_norm(graph: Graph) -> Graph:
    """Return the graph with one layer for each normalization of float32, its scale and offset included.

    Runs on nodes whose attributes are read. Promises: outputs are the same but for the rounding of the parts; the new
    layer has the name and the output of the last of them.
    """
    parts = _Norms(graph)
    found: dict[int, _Normal] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        normal = parts.normalized(node.outputs[0]) or parts.scaled(node.outputs[0], found)
        if normal is None:
            nodes.append(node)
            continue
        found[node.outputs[0]] = normal
        attributes = Attributes(normal.axis, normal.epsilon)
        nodes.append(
            Node("LAYER_NORMALIZATION", node.name, (normal.x, normal.gamma, normal.beta), node.outputs, attributes)
        )
    return remove_dead(dataclasses.replace(graph, nodes=tuple(nodes))) if found else graph


# (x, mean, axis) of a variance, and the epsilon that was added to it.
_Spread = tuple[tuple[int, int, int], float]


class _Norms(Parts):
    """What the tensors of a graph are in a normalization."""

    def _mean(self, index: int) -> tuple[int, int] | None:
        """(x, axis), where the tensor is the mean of x from the axis on, which stays in the shape."""
        layer = self.layer(index, "MEAN")
        if layer is None:
            return None
        rank, axes = len(layer.input(0).shape), layer.attributes.axes
        if not axes or not layer.attributes.keep_dims or tuple(axes) != tuple(range(axes[0], rank)):
            return None
        return self.operand(index), int(axes[0])

    def _deviation(self, index: int) -> tuple[int, int, int] | None:
        """(x, mean, axis), where the tensor is x - mean."""
        operands = self.inputs(index, "SUB")
        mean = None if operands is None else self._mean(operands[1])
        if operands is None or mean is None or mean[0] != operands[0]:
            return None
        return operands[0], operands[1], mean[1]

    def _variance(self, index: int) -> tuple[int, int, int] | None:
        """(x, mean, axis), where the tensor is the mean of the squared deviations."""
        outer = self._mean(index)
        if outer is None:
            return None
        squares, axis = outer
        operands = self.inputs(squares, "SQUARED_DIFFERENCE")
        if operands is not None:
            x, mean = operands if self._mean(operands[1]) else operands[::-1]
            return (x, mean, axis) if self._mean(mean) == (x, axis) else None
        once = self._squared(squares)
        found = None if once is None else self._deviation(once)
        return found if found is not None and found[2] == axis else None

    def _squared(self, index: int) -> int | None:
        """What the tensor is the square of."""
        operands = self.inputs(index, "SQUARE", "MUL", "POW")
        if operands is None or len(operands) == 1:
            return None if operands is None else operands[0]
        if self.layer(index, "MUL") is not None:
            return operands[0] if operands[0] == operands[1] else None
        return operands[0] if self.number(operands[1]) == 2 else None

    def _above(self, index: int) -> _Spread | None:
        """(variance, epsilon), where the tensor is their sum."""
        for a, b in self.pairs(index, "ADD"):
            epsilon, variance = self.number(b), self._variance(a)
            if epsilon is not None and variance is not None:
                return variance, epsilon
        return None

    def _inverse(self, index: int) -> _Spread | None:
        """(variance, epsilon), where the tensor is one over the root of their sum."""
        operands = self.inputs(index, "RSQRT")
        if operands is not None:
            return self._above(operands[0])
        roots = self.inputs(index, "RECIPROCAL")
        return None if roots is None else self._root(roots[0])

    def _root(self, index: int) -> _Spread | None:
        operands = self.inputs(index, "SQRT")
        return None if operands is None else self._above(operands[0])

    def normalized(self, index: int) -> _Normal | None:
        """The normalization that the tensor is the result of."""
        operands = self.inputs(index, "DIV")
        if operands is not None:
            return self._matched(operands[0], self._root(operands[1]))
        for a, b in self.pairs(index, "MUL"):
            found = self._matched(a, self._inverse(b))
            if found is not None:
                return found
        return self._folded(index)

    def _matched(self, deviation: int, found: _Spread | None) -> _Normal | None:
        known = self._deviation(deviation)
        if found is None or known is None or (known[0], known[2]) != (found[0][0], found[0][2]):
            return None
        return _Normal(known[0], known[2], found[1])

    def _folded(self, index: int) -> _Normal | None:
        """x * factor + (beta - mean * factor), as Keras writes it."""
        for a, b in self.pairs(index, "ADD"):
            offset = self.inputs(b, "SUB")
            for x, factor in self.pairs(a, "MUL"):
                found = self._factor(factor)
                if found is None or offset is None or found[0][0][0] != x:
                    continue
                ((_, mean, axis), epsilon), gamma = found
                if (mean, factor) in self.pairs(offset[1], "MUL") and self._fits(offset[0], x, axis):
                    return _Normal(x, axis, epsilon, gamma, offset[0])
        return None

    def _factor(self, index: int) -> tuple[_Spread, int | None] | None:
        """((variance, epsilon), gamma), where the tensor is gamma over the root."""
        plain = self._inverse(index)
        if plain is not None:
            return plain, None
        for a, b in self.pairs(index, "MUL"):
            inner = self._inverse(a)
            if inner is not None and self._fits(b, inner[0][0], inner[0][2]):
                return inner, b
        return None

    def _fits(self, index: int, x: int, axis: int) -> bool:
        """The tensor is a constant with an element for each that is normalized together."""
        return self.constant(index) is not None and self.shape(index) == self.shape(x)[axis:]

    def scaled(self, index: int, found: dict[int, _Normal]) -> _Normal | None:
        """A normalization times gamma, or plus beta."""
        for a, b in self.pairs(index, "ADD", "MUL"):
            normal = found.get(a)
            if normal is None or normal.beta is not None or not self._fits(b, normal.x, normal.axis):
                continue
            if self.layer(index, "ADD") is not None:
                return dataclasses.replace(normal, beta=b)
            if normal.gamma is None:
                return dataclasses.replace(normal, gamma=b)
        return None
