from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Graph
from simref.importers.tflite import import_tflite
from simref.interpreter import run
from simref.ops.cumsum import Attributes
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.executions import check_executions
from tests.ops.layer_cases import Layers, close, graph_of, number_inputs
from tests.oracle import run_reference

DTYPES = ["float32", "int32", "int64"]


def samples() -> list[Graph]:
    """One for each dtype."""
    return [graph_of("CUMSUM", (3, 4), Attributes(1), dtype=dtype) for dtype in DTYPES]


@given(
    st.lists(st.integers(1, 7), min_size=1, max_size=4),
    st.integers(0, 3),
    st.booleans(),
    st.booleans(),
    st.sampled_from(DTYPES),
    st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_the_result_is_that_of_the_formula(
    shape: list[int], axis: int, exclusive: bool, reverse: bool, dtype: str, seed: int
) -> None:
    axis %= len(shape)
    graph = graph_of("CUMSUM", tuple(shape), Attributes(axis - len(shape), exclusive, reverse), dtype=dtype)
    (x,) = number_inputs(graph, seed=seed)
    moved = np.moveaxis(x, axis + 1, 0)[:: -1 if reverse else 1]
    sums = np.cumsum(moved, axis=0, dtype=np.float64 if dtype == "float32" else dtype)
    expected = np.moveaxis((sums - moved if exclusive else sums)[:: -1 if reverse else 1], 0, axis + 1)
    found = run(graph, x)[0]
    if dtype == "float32":
        close(found, expected)
    else:
        np.testing.assert_array_equal(found, expected)


def test_executions_agree() -> None:
    layers = Layers()
    for dtype in DTYPES:
        for shape, axis in (((3, 5, 4), 1), ((7,), 0), ((2, 6), -1)):
            for k in range(4):
                layers.add("CUMSUM", shape, Attributes(axis, k % 2 == 1, k > 1), dtype=dtype)
    graph = layers.graph()
    check_executions(graph, number_inputs(graph))
    check_executions(graph, number_inputs(graph, special=0.2), cores=["cm0plus", "cm7"])


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_floats_are_close_to_those_of_tflite(exclusive: bool, reverse: bool) -> None:
    tensors = [
        TensorSpec("x", (4, 9), "float32"),
        TensorSpec("axis", (), "int32", data=np.array(-1)),
        TensorSpec("y", (4, 9), "float32"),
    ]
    options = {"exclusive": exclusive, "reverse": reverse}
    model = build_model(tensors, [OperatorSpec("CUMSUM", ["x", "axis"], ["y"], options)], ["x"], ["y"])
    (x,) = number_inputs(import_tflite(model))
    close(run(import_tflite(model), x)[0], run_reference(model, [x])["y"])
