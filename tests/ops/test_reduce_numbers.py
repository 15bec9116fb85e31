"""The reductions of float32, int32 and int64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.interpreter import run
from simref.ops._reduce import Attributes
from simref.ops._reduce_numbers import NUMBERS
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.executions import check_executions
from tests.ops.layer_cases import Layers, close, graph_of, number_inputs
from tests.oracle import run_reference

OPERATORS: dict[str, Any] = {
    "MEAN": np.mean,
    "SUM": np.sum,
    "REDUCE_MAX": np.max,
    "REDUCE_MIN": np.min,
    "REDUCE_PROD": np.prod,
}
CASES = [(op, dtype) for op in OPERATORS for dtype in NUMBERS if op != "MEAN" or dtype == "float32"]


@st.composite
def reductions(draw: st.DrawFn) -> tuple[tuple[int, ...], Attributes]:
    """A shape and some of its dimensions."""
    shape = draw(st.lists(st.integers(1, 9), min_size=1, max_size=6).filter(lambda s: np.prod(s) < 4000))
    axes = draw(st.sets(st.integers(0, len(shape) - 1)))
    return tuple(shape), Attributes(tuple(sorted(axes)), draw(st.booleans()))


@given(reductions(), st.sampled_from(CASES), st.integers(0, 1000))
@settings(max_examples=200, deadline=None)
def test_the_result_is_that_of_the_formula(
    reduction: tuple[tuple[int, ...], Attributes], case: tuple[str, str], seed: int
) -> None:
    (shape, attributes), (op, dtype) = reduction, case
    graph = graph_of(op, shape, attributes, dtype=dtype)
    (x,) = number_inputs(graph, seed=seed)
    if op == "REDUCE_PROD" and dtype == "float32":
        x = 1 + x / 100  # no product of thousands over- or underflows
    (y,) = run(graph, x, engine="numpy")
    exact = x.astype(np.float64) if dtype == "float32" else x
    axes = tuple(axis + 1 for axis in attributes.axes)
    with np.errstate(all="ignore"):
        expected = OPERATORS[op](exact, axis=axes, keepdims=attributes.keep_dims)
    if dtype == "float32":
        terms = np.abs(expected) if op == "REDUCE_PROD" else OPERATORS[op](np.abs(exact), axis=axes).reshape(y.shape)
        assert np.all(np.abs(y - expected) <= exact.size * 2.0**-24 * terms)
    else:
        np.testing.assert_array_equal(y, expected.astype(dtype))


def all_reductions(seed: int) -> Layers:
    """Every kernel over drawn shapes: all kinds of walks, with and without neighbouring outputs."""
    rng, layers = np.random.default_rng(seed), Layers()
    walks = [((2, 3, 2, 3, 2, 3), (0, 2, 4)), ((2, 3, 2, 3, 2, 3), (1, 3, 5)), ((5, 4, 9), (0, 1)), ((5, 7), (1,))]
    for op, dtype in CASES:
        for shape, axes in walks:
            layers.add(op, shape, Attributes(axes, bool(rng.integers(2))), dtype=dtype)
    return layers


@pytest.mark.parametrize("special", [0.0, 0.2])
def test_executions_agree(special: float) -> None:
    graph = all_reductions(0).graph()
    check_executions(graph, number_inputs(graph, special=special))


def test_a_sum_takes_its_elements_in_order() -> None:
    """2**24 + 1 + 1 is 2**24, one by one."""
    graph = graph_of("SUM", (3,), Attributes((0,), False))
    assert run(graph, np.array([[2**24, 1, 1]], np.float32))[0] == 2**24
    assert run(graph, np.array([[1, 1, 2**24]], np.float32))[0] == 2**24 + 2


def test_a_nan_is_passed_over_unless_it_comes_first() -> None:
    graph = graph_of("REDUCE_MAX", (3,), Attributes((0,), False))
    y = run(graph, np.array([[1, np.nan, -np.inf], [np.nan, 1, 2], [-np.inf, np.nan, -np.inf]], np.float32))[0]
    np.testing.assert_array_equal(y, np.array([1, np.nan, -np.inf], np.float32))


@pytest.mark.parametrize("op", ["MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD"])
def test_floats_are_close_to_those_of_tflite(op: str) -> None:
    tensors = [
        TensorSpec("x", (2, 5, 6, 3), "float32"),
        TensorSpec("axes", (2,), "int32", data=(1, 2)),
        TensorSpec("y", (2, 3), "float32"),
    ]
    model = build_model(tensors, [OperatorSpec(op, ["x", "axes"], ["y"], {"keepDims": False})], ["x"], ["y"])
    x = np.random.default_rng(0).normal(0, 1, (2, 2, 5, 6, 3)).astype(np.float32)
    graph = graph_of(op, (2, 5, 6, 3), Attributes((1, 2), False))
    close(run(graph, x)[0], run_reference(model, [x])["y"])
