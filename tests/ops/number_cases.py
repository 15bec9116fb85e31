"""Graphs and values for tests of operators over numbers that are not quantized."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from simref.builder import GraphBuilder
from simref.graph import Graph, Shape
from simref.importers.tflite import import_tflite
from simref.interpreter import run, run_all
from simref.ops._activation import Activation
from simref.ops._elementwise import Attributes
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.float32_cases import any_values, special_values
from tests.oracle import Array, run_reference

NONE = Attributes(Activation.NONE)

# (operator, attributes, dtype of its output or None for the inputs')
LayerSpec = tuple[str, Any, str | None]


def graph_of(layers: Sequence[LayerSpec], operands: Sequence[tuple[Shape, str]]) -> Graph:
    """A graph of layers side by side, each over all of the inputs, given by shape and dtype."""
    builder = GraphBuilder("numbers")
    inputs = [builder.input(f"x{k}", shape, dtype) for k, (shape, dtype) in enumerate(operands)]
    made = [
        builder.layer(op, f"{op}:{k}", inputs, attributes, dtype=dtype)
        for k, (op, attributes, dtype) in enumerate(layers)
    ]
    return builder.graph(made)


def samples_of(
    op: str,
    attributes: Any = None,
    *,
    dtypes: Sequence[str] = ("float32",),
    operands: int = 1,
    output: str | None = None,
) -> list[Graph]:
    """One small graph of the operator for each dtype of its operands."""
    return [graph_of([(op, attributes, output)], [((2, 3), dtype)] * operands) for dtype in dtypes]


def computed(op: str, operands: Sequence[Array], attributes: Any = None, output: str | None = None) -> Array:
    """The reference's result for arrays that are single samples."""
    graph = graph_of([(op, attributes, output)], [(x.shape, x.dtype.name) for x in operands])
    (y,) = run(graph, [x[np.newaxis] for x in operands])
    return np.asarray(y[0])


def values(dtype: str, shape: Shape, seed: int = 0) -> Array:
    """Values of the dtype: special ones, small ones, and any patterns of bits."""
    rng = np.random.default_rng(seed)
    count = int(np.prod(shape))
    drawn: list[Array]
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(np.bool_)
    if dtype == "float32":
        drawn = [special_values(), any_values(rng, count), rng.normal(0, 4, count).astype(np.float32)]
    elif dtype == "float64":
        anything = rng.integers(0, 1 << 64, count, np.uint64).view(dtype)
        drawn = [special_values().astype(dtype), anything, rng.normal(0, 4, count)]
    elif dtype == "float16":
        drawn = [rng.integers(0, 1 << 16, 2 * count, np.uint16).view(dtype), rng.normal(0, 4, count).astype(dtype)]
    else:
        info = np.iinfo(dtype)
        ends = np.array([info.min, info.min + 1, info.max, 0, 1, -1 if info.min < 0 else 2], dtype)
        anything = rng.integers(info.min, info.max, count, dtype, endpoint=True)
        drawn = [ends, anything, rng.integers(0 if info.min == 0 else -9, 10, count).astype(dtype)]
    whole = np.concatenate(drawn)
    return rng.choice(whole, count).reshape(shape)


def all_pairs(dtype: str) -> tuple[Array, Array]:
    """Every pair of some values of the dtype, special ones above all: two arrays of one dimension."""
    some = values(dtype, (24,), 1)
    if dtype == "float32":
        some = np.concatenate([special_values(), some])
    elif dtype != "bool":
        info = np.iinfo(dtype)
        some = np.concatenate([np.array([info.min, info.max, 0, 1, -1, 7, -7], dtype), some])
    a, b = np.meshgrid(some, some)
    return a.ravel(), b.ravel()


def check_formula(
    op: str,
    formula: Callable[[Array], Array],
    attributes: Any = None,
    *,
    ulps: float,
    low: float = -30,
    high: float = 30,
) -> None:
    """The reference, fused and separate, lies within so many units of the last place of a formula in float64.

    ulps: of the larger of the result and of 2**-24 times the argument. low, high: the range of arguments.
    """
    x = np.random.default_rng(0).uniform(low, high, 20000)
    x = np.concatenate([x, x / 1000, [low, high]]).astype(np.float32)
    x = x[(x >= low) & (x <= high)]
    expected = formula(x.astype(np.float64))
    graph = graph_of([(op, attributes, None)], [(x.shape, "float32")])
    for fused in (True, False):
        (y,) = run(graph, x[np.newaxis], fused=fused)
        scale = np.maximum(np.abs(expected), np.abs(x) * 2.0**-24).astype(np.float32)
        error = np.abs(y[0] - expected) / np.spacing(scale)
        worst = int(error.argmax())
        assert error[worst] <= ulps, (
            f"{op}({x[worst]!r}) is {y[0, worst]!r}, {error[worst]:.3g} ulp from {expected[worst]!r}"
        )


def check_close_to_tflite(layers: Sequence[OperatorSpec], tensors: Sequence[TensorSpec], data: Sequence[Array]) -> None:
    """The reference lies within 1e-6 of TFLite's kernels, relative to values above 1; integers and bool are equal.

    tensors: of the inputs, then of each layer's output. data: of the inputs, with a sample axis.
    """
    inputs, outputs = tensors[: len(data)], tensors[len(data) :]
    model = build_model(tensors, layers, [t.name for t in inputs], [t.name for t in outputs])
    graph = import_tflite(model)
    assert [node.op for node in graph.nodes] == [layer.op for layer in layers]
    found = run_all(graph, list(data))
    oracle = run_reference(model, data)
    for index in graph.outputs:
        name = graph.tensors[index].name
        np.testing.assert_allclose(found[index], oracle[name], rtol=1e-6, atol=1e-6, err_msg=name)
