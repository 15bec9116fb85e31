"""What the tensors of a graph are in the formula of a normalization by its own mean and variance."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from simref.ops._rows import axis_of
from simref.passes._parts import Parts


@dataclass(frozen=True)
class Normal:
    """A normalized tensor: of x, from the axis on, with what it was multiplied by and what was added since."""

    x: int
    axis: int
    epsilon: float
    gamma: int | None = None
    beta: int | None = None


# (x, mean, axis) of a variance, and the epsilon that was added to it.
_Spread = tuple[tuple[int, int, int], float]


class Norms(Parts):
    """Tensors of a graph by their part in a normalization; subclasses say over which axes."""

    def mean(self, index: int) -> tuple[int, int] | None:
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
        mean = None if operands is None else self.mean(operands[1])
        if operands is None or mean is None or mean[0] != operands[0]:
            return None
        return operands[0], operands[1], mean[1]

    def _variance(self, index: int) -> tuple[int, int, int] | None:
        """(x, mean, axis), where the tensor is the mean of the squared deviations."""
        outer = self.mean(index)
        if outer is None:
            return None
        squares, axis = outer
        operands = self.inputs(squares, "SQUARED_DIFFERENCE")
        if operands is not None:
            x, mean = operands if self.mean(operands[1]) else operands[::-1]
            return (x, mean, axis) if self.mean(mean) == (x, axis) else None
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

    def layer_norm(self, index: int) -> Normal | None:
        """The LAYER_NORMALIZATION that writes the tensor."""
        layer = self.layer(index, "LAYER_NORMALIZATION")
        if layer is None:
            return None
        x, gamma, beta = (*self._writers[index][0].inputs, None, None)[:3]
        assert x is not None
        return Normal(x, axis_of(layer), layer.attributes.epsilon, gamma, beta)

    def normalized(self, index: int) -> Normal | None:
        """The normalization that the tensor is the result of."""
        operands = self.inputs(index, "DIV")
        if operands is not None:
            return self._matched(operands[0], self._root(operands[1]))
        for a, b in self.pairs(index, "MUL"):
            found = self._matched(a, self._inverse(b))
            if found is not None:
                return found
        return self._folded(index)

    def _matched(self, deviation: int, found: _Spread | None) -> Normal | None:
        known = self._deviation(deviation)
        if found is None or known is None or (known[0], known[2]) != (found[0][0], found[0][2]):
            return None
        return Normal(known[0], known[2], found[1])

    def _folded(self, index: int) -> Normal | None:
        """x * factor + (beta - mean * factor), as Keras writes it."""
        for a, b in self.pairs(index, "ADD"):
            for x, factor in self.pairs(a, "MUL"):
                found = self._factor(factor)
                if found is None or found[0][0][0] != x:
                    continue
                ((_, mean, axis), epsilon), gamma = found
                for beta in self._offsets(b, mean, factor):
                    if beta is None or self.fits(beta, x, axis):
                        return Normal(x, axis, epsilon, gamma, beta)
        return None

    def _offsets(self, index: int, mean: int, factor: int) -> Iterator[int | None]:
        """What the tensor may be the sum of with -mean * factor; None for nothing."""
        if self._is_negative_product(index, mean, factor):
            yield None
        for a, b in self.pairs(index, "ADD"):
            if self._is_negative_product(a, mean, factor):
                yield b
        offset = self.inputs(index, "SUB")
        if offset is not None and (mean, factor) in self.pairs(offset[1], "MUL"):
            yield offset[0]

    def _is_negative_product(self, index: int, mean: int, factor: int) -> bool:
        return any(b == factor and self.inputs(a, "NEG") == (mean,) for a, b in self.pairs(index, "MUL"))

    def _factor(self, index: int) -> tuple[_Spread, int | None] | None:
        """((variance, epsilon), gamma), where the tensor is gamma over the root."""
        plain = self._inverse(index)
        if plain is not None:
            return plain, None
        for a, b in self.pairs(index, "MUL"):
            inner = self._inverse(a)
            if inner is not None and self.fits(b, inner[0][0], inner[0][2]):
                return inner, b
        return None

    def fits(self, index: int, x: int, axis: int) -> bool:
        """The tensor is a constant with an element for each that is normalized together."""
        shape, wanted = self.shape(index), self.shape(x)[axis:]
        before = len(shape) - len(wanted)
        return self.constant(index) is not None and before <= axis and shape == (1,) * before + wanted

    def scaled(self, index: int, found: dict[int, Normal]) -> Normal | None:
        """A normalization times gamma, or plus beta."""
        for a, b in self.pairs(index, "ADD", "MUL"):
            normal = found.get(a)
            if normal is None or normal.beta is not None or not self.fits(b, normal.x, normal.axis):
                continue
            if self.layer(index, "ADD") is not None:
                return dataclasses.replace(normal, beta=b)
            if normal.gamma is None:
                return dataclasses.replace(normal, gamma=b)
        return None
