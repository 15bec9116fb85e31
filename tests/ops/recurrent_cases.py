"""Layers, inputs and float64 formulas for tests of the recurrent operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from simref.graph import Array, Graph
from tests.ops.layer_cases import Layers

Shape3 = tuple[int, int, int]

FORMULAS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda x: x,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "hard_sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
    "hard_sigmoid_3": lambda x: np.clip(x + 3, 0, 6) / 6,
    "softsign": lambda x: x / (1 + np.abs(x)),
}

shapes = st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(1, 7))
activations = st.sampled_from(list(FORMULAS))
# An unbounded gate would let the state grow beyond any float.
gates = st.sampled_from([name for name in FORMULAS if name not in ("linear", "relu", "relu6")])


def error_of(activation: str) -> float:
    """How far results may be from the formula's: states that nothing bounds make errors grow from step to step."""
    return 1e-3 if activation in ("linear", "relu") else 1e-5


def weights(gates: int, features: int, units: int, biases: int = 1, seed: int = 0) -> list[Array]:
    """W, R and biases, scaled such that gates neither saturate nor vanish."""
    rng = np.random.default_rng(seed)
    shapes = [(gates * units, features), (gates * units, units), *[(gates * units,)] * biases]
    scales = [features**-0.5, units**-0.5, *[0.5] * biases]
    return [rng.normal(0, scale, shape).astype(np.float32) for shape, scale in zip(shapes, scales, strict=True)]


def add_layer(layers: Layers, op: str, x: Shape3, constants: list[Any], attributes: Any, states: int = 0) -> None:
    """A recurrent layer; `states` of its operands are inputs of the graph, after the constants."""
    batch, units = x[0], constants[1].shape[1]
    name = f"x{len(layers.builder.tensors)}"
    inputs = [layers.builder.input(name, x)]
    first = [layers.builder.input(f"{name}/state{k}", (batch, units)) for k in range(states)]
    layers.add_to(op, [*inputs, *constants, *first], attributes, outputs=["float32"] * len(attributes.results))


def recurrent_graph(op: str, x: Shape3, constants: list[Any], attributes: Any, states: int = 0) -> Graph:
    """A graph of one such layer."""
    layers = Layers()
    add_layer(layers, op, x, constants, attributes, states)
    return layers.graph()


def walked(x: Array, backwards: bool) -> Array:
    """float64 (samples, batch, time, features) in the order of the walk."""
    return (x[:, :, ::-1] if backwards else x).astype(np.float64)
