"""A sheet of layers side by side in one graph, and the draws that shapes are made of."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simref.check import check_graph
from simref.graph import Array, Graph, Layer, Node, Quantization, Shape, Tensor
from simref.ops import operator
from simref.ops._rules import OutputShape

Rng = np.random.Generator
Draw = Callable[["Sheet", Rng], None]


@dataclass
class Sheet:
    """A graph in the making: layers side by side, each with inputs of its own."""

    tensors: list[Tensor] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)

    def input(self, shape: Shape, dtype: str = "int8", scale: float = 0.05, zero_point: int = 0) -> int:
        """A new input of the graph; its index."""
        self.inputs.append(self._tensor(shape, dtype, _per_tensor(scale, zero_point)))
        return self.inputs[-1]

    def constant(self, data: Array, quantization: Quantization | None = None) -> int:
        """A new constant; its index."""
        return self._tensor(data.shape, data.dtype.name, quantization, data)

    def layer(
        self,
        op: str,
        inputs: tuple[int, ...],
        attributes: Any = None,
        *,
        dtype: str = "int8",
        scale: float = 0.05,
        zero_point: int = 0,
        outputs: int = 1,
    ) -> None:
        """A new layer; its output shapes are those its operator computes."""
        name = f"{op.lower()}_{len(self.nodes)}"
        unknown = Tensor(name, (1,), np.dtype(dtype), _per_tensor(scale, zero_point))
        bound = tuple(self.tensors[index] for index in inputs)
        layer = Layer(len(self.nodes), op, name, bound, (unknown,) * outputs, attributes)
        (rule,) = (rule for rule in operator(op).rules if isinstance(rule, OutputShape))
        made = tuple(self._tensor(shape, dtype, unknown.quantization) for shape in rule.shapes(layer))
        self.nodes.append(Node(op, name, inputs, made, attributes))

    def graph(self) -> Graph:
        """The checked graph. Raises UnsupportedError for a layer that breaks a rule."""
        graph = Graph("sweep", tuple(self.tensors), tuple(self.nodes), tuple(self.inputs), self.nodes[-1].outputs)
        check_graph(graph)
        return graph

    def _tensor(self, shape: Shape, dtype: str, quantization: Quantization | None, data: Array | None = None) -> int:
        index = len(self.tensors)
        self.tensors.append(Tensor(f"t{index}", tuple(shape), np.dtype(dtype), quantization, data))
        return index


@dataclass(frozen=True)
class Family:
    """Layers of one kind: how one is drawn, how many are fitted, how many are held out."""

    draw: Draw
    fitted: int
    held_out: int


def between(rng: Rng, low: int, high: int) -> int:
    """An integer from low to high, small ones as likely as large ones per doubling."""
    return min(int(low * math.exp(rng.uniform(0, math.log((high + 1) / low)))), high)


def one_of(rng: Rng, *choices: Any) -> Any:
    """One of the choices, all as likely."""
    return choices[rng.integers(len(choices))]


def drawn_shape(rng: Rng, rank: int, elements: int = 4000) -> Shape:
    """A shape of that rank with at most so many elements."""
    while True:
        shape = tuple(between(rng, 1, 64) for _ in range(rank))
        if math.prod(shape) <= elements:
            return shape


def _per_tensor(scale: float, zero_point: int) -> Quantization:
    return Quantization(np.array([scale], np.float32), np.array([zero_point], np.int64))
