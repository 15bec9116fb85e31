from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Graph
from simref.importers.tflite import import_tflite
from simref.interpreter import run
from simref.ops.topk_v2 import Attributes
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.executions import check_executions
from tests.ops.layer_cases import Layers, graph_of, number_inputs
from tests.oracle import Array, run_reference

DTYPES = ["float32", "int8", "int32", "int64"]


def sample() -> Graph:
    """The three best of each row of ten."""
    return graph_of("TOPK_V2", (2, 10), Attributes(3), outputs=("float32", "int32"))


def expected(x: Array, attributes: Attributes, axis: int) -> tuple[Array, Array]:
    """Values and places by sorting (value, place) pairs row by row."""
    rows = np.moveaxis(x, axis, -1)
    sign = -1 if attributes.largest else 1
    order = np.empty(rows.shape, np.int64)
    for index in np.ndindex(rows.shape[:-1]):
        numbers = [float("inf") if math.isnan(v) else v for v in rows[index].tolist()]
        missing = np.isnan(rows[index].astype(np.float64)).tolist()
        order[index] = sorted(range(len(numbers)), key=lambda i: (sign * missing[i], sign * numbers[i], i))
    chosen = order[..., : attributes.k]
    values = np.take_along_axis(rows, chosen, axis=-1)
    return np.moveaxis(values, -1, axis), np.moveaxis(chosen, -1, axis)


@given(
    st.lists(st.integers(1, 7), min_size=1, max_size=3),
    st.data(),
    st.booleans(),
    st.sampled_from(DTYPES),
    st.integers(0, 1000),
)
@settings(max_examples=80, deadline=None)
def test_the_result_is_that_of_sorting(
    shape: list[int], data: st.DataObject, largest: bool, dtype: str, seed: int
) -> None:
    axis = data.draw(st.integers(0, len(shape) - 1))
    attributes = Attributes(data.draw(st.integers(1, shape[axis])), largest, axis)
    graph = graph_of("TOPK_V2", tuple(shape), attributes, dtype=dtype, outputs=(dtype, "int64"))
    (x,) = number_inputs(graph, seed=seed, special=0.3)
    for found, wanted in zip(run(graph, x), expected(x, attributes, axis + 1), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_executions_agree() -> None:
    layers = Layers()
    for dtype in DTYPES:
        for k, (shape, axis) in enumerate((((3, 5, 4), 1), ((7,), 0), ((2, 6), -1), ((2, 9), -1))):
            index = ("int32", "int64")[k % 2]
            layers.add("TOPK_V2", shape, Attributes(1 + 2 * k, k % 2 == 0, axis), dtype=dtype, outputs=(dtype, index))
    graph = layers.graph()
    check_executions(graph, number_inputs(graph, special=0.3))


def test_places_equal_those_of_tflite() -> None:
    tensors = [
        TensorSpec("x", (5, 12), "float32"),
        TensorSpec("k", (), "int32", data=np.array(4)),
        TensorSpec("y", (5, 4), "float32"),
        TensorSpec("places", (5, 4), "int32"),
    ]
    spec = OperatorSpec("TOPK_V2", ["x", "k"], ["y", "places"])
    model = build_model(tensors, [spec], ["x"], ["y", "places"])
    (x,) = (np.round(x) for x in number_inputs(import_tflite(model)))
    oracle = run_reference(model, [x])
    for found, name in zip(run(import_tflite(model), x), ("y", "places"), strict=True):
        np.testing.assert_array_equal(found, oracle[name])
