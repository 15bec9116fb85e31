"""Hypothesis strategies, models and comparisons for float32 operators with weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from simref.builder import GraphBuilder
from simref.codebook import Codebook
from simref.graph import Array, Graph, Layer, Tensor
from simref.importers.tflite import import_tflite
from simref.interpreter import run_all
from simref.ops import check_layer, operator
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.ops.convolution_cases import SAMPLES, seeds
from tests.oracle import run_reference

# Of the largest output, by which TFLite's float kernels, with separate products and sums, may differ.
TOLERANCE = 1e-6


def float_model(
    draw: st.DrawFn,
    op: str,
    *,
    x: Sequence[int],
    w: Sequence[int],
    y: Sequence[int],
    channels_axis: int,
    options: dict[str, Any],
    bias: bool = True,
    before: Sequence[TensorSpec] = (),
    order: Sequence[str | None] = ("x", "w", "b"),
) -> tuple[bytes, list[Array]]:
    """A model of one layer of input, weights and bias, and samples of its input; see convolution_cases."""
    rng = np.random.default_rng(draw(seeds))
    channels = w[channels_axis]
    specs = [
        *before,
        TensorSpec("x", x, "float32"),
        TensorSpec("w", w, "float32", data=rng.standard_normal(w)),
        TensorSpec("y", y, "float32"),
    ]
    if bias:
        specs.append(TensorSpec("b", (channels,), "float32", data=rng.standard_normal(channels)))
    names = [name if name != "b" or bias else None for name in order]
    model = build_model(specs, [OperatorSpec(op, names, ["y"], options)], ["x"], ["y"])
    return model, [rng.standard_normal((SAMPLES, *x)).astype(np.float32) * 4]


def check_near_oracle(model: bytes, inputs: Sequence[Array]) -> Graph:
    """TFLite's reference kernels nearly equal NumPy with separate sums; the graph that was read."""
    graph = import_tflite(model, "model.tflite")
    found, expected = run_all(graph, list(inputs), fused=False), run_reference(model, inputs)
    for index in graph.outputs:
        oracle = expected[graph.tensors[index].name].reshape(found[index].shape)
        atol = TOLERANCE * float(np.abs(oracle).max())
        np.testing.assert_allclose(found[index], oracle, rtol=0, atol=atol)
    return graph


def stored_bytes(layer: Layer) -> int:
    """What the layer's kernels hold in flash: weights, tables and biases."""
    calls = operator(layer.op).form(layer).kernels(layer)
    return sum(operand.nbytes for call in calls for operand in call.operands if isinstance(operand, np.ndarray))


class Layers:
    """A graph of layers side by side, each with an input, weights and a bias of its own; all accepted."""

    def __init__(self, seed: int = 0) -> None:
        self._rng = np.random.default_rng(seed)
        self._builder = GraphBuilder("layers")
        self._outputs: list[int] = []
        self.inputs: list[Array] = []

    def input(self, shape: Sequence[int], samples: int = 2) -> int:
        """A new input, with values."""
        self.inputs.append(self._rng.standard_normal((samples, *shape)).astype(np.float32))
        return self._builder.input(f"x{len(self.inputs)}", tuple(shape))

    def constant(self, shape: Sequence[int]) -> int:
        """A new constant of that shape."""
        return self.add(self.values(shape))

    def add(self, data: Array) -> int:
        """A new constant of that value."""
        return self._builder.constant(f"c{len(self._builder.tensors)}", data)

    def compressed(self, shape: Sequence[int], bits: int, axis: int, *, per_channel: bool) -> int:
        """Compressed weights, with one table or one for each index of the axis; every table entry is used or not."""
        groups, entries = shape[axis] if per_channel else 1, 1 << bits
        indices = self._rng.integers(0, entries, tuple(shape)).astype(np.uint8)
        codebook = Codebook(self.values((groups, entries)), indices, axis)
        name = f"c{len(self._builder.tensors)}"
        return self._builder.tensor(Tensor(name, tuple(shape), np.dtype(np.float32), None, codebook.decode(), codebook))

    def values(self, shape: Sequence[int]) -> Array:
        """Normally distributed float32."""
        return self._rng.standard_normal(tuple(shape)).astype(np.float32)

    def layer(self, op: str, inputs: Sequence[int | None], attributes: Any) -> None:
        """A new layer whose output is one of the graph's."""
        self._outputs.append(self._builder.layer(op, f"{op}{len(self._outputs)}", inputs, attributes))

    def graph(self) -> Graph:
        """The graph, its layers checked."""
        graph = self._builder.graph(self._outputs)
        for layer in graph.layers:
            check_layer(layer)
        return graph
