"""A sheet of layers side by side in one graph, and the draws that shapes are made of."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.builder import GraphBuilder
from simref.check import check_graph
from simref.graph import Array, Graph, Quantization, Shape, Tensor

Rng = np.random.Generator
Draw = Callable[["Sheet", Rng], None]


class Sheet:
    """A graph in the making: layers side by side, each with inputs of its own."""

    def __init__(self) -> None:
        self._builder = GraphBuilder("sweep")

    def input(self, shape: Shape, dtype: str = "int8", scale: float = 0.05, zero_point: int = 0) -> int:
        """A new input of the graph; its index."""
        return self._builder.input(self._name(), shape, dtype, _per_tensor(scale, zero_point))

    def constant(self, data: Array, quantization: Quantization | None = None) -> int:
        """A new constant; its index."""
        return self._builder.constant(self._name(), data, quantization)

    def tensor(self, index: int) -> Tensor:
        """A tensor that was added."""
        return self._builder.tensors[index]

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
        name = f"{op.lower()}_{len(self._builder.nodes)}"
        quantization = _per_tensor(scale, zero_point)
        self._builder.layers(op, name, inputs, attributes, outputs=outputs, dtype=dtype, quantization=quantization)

    def graph(self) -> Graph:
        """The checked graph. Raises UnsupportedError for a layer that breaks a rule."""
        graph = self._builder.graph(self._builder.nodes[-1].outputs)
        check_graph(graph)
        return graph

    def _name(self) -> str:
        return f"t{len(self._builder.tensors)}"


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
