"""Graphs of many layers and their inputs, for tests of operators on float32 and wide integers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simref.builder import GraphBuilder
from simref.graph import Array, Graph, Shape
from simref.ops._reduce import Attributes
from tests.float32_cases import special_values


class Layers:
    """Layers side by side in one graph, each with an input of its own: one compilation serves them all."""

    def __init__(self, name: str = "layers") -> None:
        self.builder = GraphBuilder(name)
        self._outputs: list[int] = []

    def add(
        self, op: str, shape: Shape, attributes: Any = None, *, dtype: str = "float32", constants: Sequence[Any] = (),
        outputs: str | Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        """A layer of one input and of constants (None is an absent one). outputs: the dtype of each."""
        x = self.builder.input(f"x{len(self.builder.tensors)}", shape, dtype)
        self.add_to(op, [x, *constants], attributes, outputs=outputs)

    def add_to(
        self, op: str, inputs: Sequence[Any], attributes: Any = None, *, outputs: str | Sequence[str] | None = None
    ) -> None:
        """A layer of such inputs: indices, arrays that become constants, or None."""
        indices = [
            self.builder.constant(f"c{len(self.builder.tensors)}", x) if isinstance(x, np.ndarray) else x
            for x in inputs
        ]
        count = 1 if outputs is None or isinstance(outputs, str) else len(outputs)
        self._outputs += self.builder.layers(
            op, f"{op}_{len(self.builder.nodes)}", indices, attributes, outputs=count, dtype=outputs
        )

    def graph(self) -> Graph:
        """All of them."""
        return self.builder.graph(self._outputs)


def graph_of(op: str, shape: Shape, attributes: Any = None, **changes: Any) -> Graph:
    """A graph of one layer."""
    layers = Layers()
    layers.add(op, shape, attributes, **changes)
    return layers.graph()


def number_inputs(graph: Graph, samples: int = 2, seed: int = 0, special: float = 0.0) -> list[Array]:
    """Values of all inputs: normally distributed floats, integers of their whole range or near 0.

    special: the part of the floats that are replaced by infinities, NaN, zeros of either sign, subnormals.
    """
    rng = np.random.default_rng(seed)
    return [_values(rng, (samples, *graph.tensors[i].shape), graph.tensors[i].dtype, special) for i in graph.inputs]


def _values(rng: np.random.Generator, shape: Shape, dtype: np.dtype[Any], special: float) -> Array:
    if dtype == np.float32:
        x = rng.normal(0, 2, shape).astype(np.float32)
        return np.where(rng.random(shape) < special, rng.choice(special_values(), shape), x)
    info = np.iinfo(dtype)
    near = rng.random(shape) < 0.5
    return np.where(near, rng.integers(-2, 3, shape), rng.integers(info.min, info.max, shape, dtype)).astype(dtype)


def magnified(x: Array, deviation: Array) -> float:
    """By how much a normalization magnifies rounding errors of its float32 inputs where they hardly vary; 1 or more."""
    return max(1.0, float(np.max(np.abs(x) / deviation)) / 4)


def close(found: Array, expected: Array, relative: float = 1e-6) -> None:
    """float32 results are within a part of the largest expected magnitude, and of a thousandth."""
    limit = relative * max(float(np.abs(expected).max(initial=0)), 1e-3)
    worst = float(np.abs(found.astype(np.float64) - expected).max(initial=0))
    assert worst <= limit, f"differs by {worst}, allowed is {limit}"


def number_samples(op: str, dtypes: Sequence[str] = ("float32", "int32", "int64")) -> list[Graph]:
    """Reductions over height and width."""
    return [graph_of(op, (1, 5, 4, 3), Attributes((1, 2), True), dtype=dtype) for dtype in dtypes]
