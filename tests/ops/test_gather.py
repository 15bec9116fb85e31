from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.check import check_graph
from simref.errors import ModelError, UnsupportedError
from simref.graph import Array, Graph
from simref.importers.tflite import import_tflite
from simref.ops.gather import Attributes
from tests.executions import check_executions
from tests.ops.gather_cases import (
    check_gathering,
    drawn_elements,
    drawn_indices,
    elements,
    gathering,
    onnx_gathered,
    stored_operands,
)
from tests.ops.movement_cases import Shape, check_reference, dtypes, movement_model, shapes, stored

Case = tuple[Array, Array, Attributes]


def sample() -> Graph:
    return gathering("GATHER", Attributes(1), elements((1, 5, 4), "int8"), np.array([4, 0, -1]), ("indices",))[0]


@st.composite
def cases(draw: st.DrawFn, *, low: int = 0, batched: bool = True) -> Case:
    shape = draw(shapes(1, 4, 6))
    axis = draw(st.integers(0, len(shape) - 1))
    batch_dims = draw(st.integers(0, axis)) if batched else 0
    index_shape = (*shape[:batch_dims], *draw(shapes(0, 2, 4)))
    return (
        drawn_elements(draw, shape),
        drawn_indices(draw, index_shape, shape[axis], low=low),
        Attributes(axis, batch_dims),
    )


def each_batch(x: Array, indices: Array, a: Attributes) -> Array:
    """The definition: NumPy's take of each batch alone."""
    if a.batch_dims == 0:
        return np.take(x, np.asarray(indices), a.axis)
    one = Attributes(a.axis - 1, a.batch_dims - 1)
    return np.stack([each_batch(part, index, one) for part, index in zip(x, indices, strict=True)])


@given(cases(low=-1), stored_operands)
@settings(max_examples=40, deadline=None)
def test_equals_the_definition(case: Case, where: tuple[str, ...]) -> None:
    x, indices, a = case
    check_gathering("GATHER", a, x, indices, where, each_batch(x, indices, a))


@given(cases(low=-1, batched=False))
@settings(max_examples=40, deadline=None)
def test_equals_onnx(case: Case) -> None:
    x, indices, a = case
    expected = onnx_gathered("Gather", x, indices, axis=a.axis)
    np.testing.assert_array_equal(each_batch(x, indices, a), expected)


def gathered(shape: Shape, indices: Array, axis: int, batch_dims: int = 0, dtype: str = "int8") -> bytes:
    target = (*shape[:axis], *indices.shape[batch_dims:], *shape[axis:][1:])
    options = {"axis": axis, "batchDims": batch_dims}
    return movement_model("GATHER", [shape], [target], dtype=dtype, after=[stored("indices", indices)], options=options)


@given(cases(), dtypes)
@settings(max_examples=60, deadline=None)
def test_reference_equals_oracle(case: Case, dtype: str) -> None:
    x, indices, a = case
    check_reference(gathered(x.shape, indices, a.axis, a.batch_dims, dtype))


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_computed_indices_outside_take_the_nearest_element(dtype: str) -> None:
    x = elements((7, 3), "int16")
    limits = np.iinfo(dtype)
    indices = np.array([limits.min, -8, -7, -1, 0, 6, 7, limits.max], dtype)
    graph, inputs = gathering("GATHER", Attributes(0), x, indices, ("x",))
    check_gathering("GATHER", Attributes(0), x, indices, ("x",), x[[0, 0, 0, 6, 0, 6, 6, 6]])
    check_executions(graph, inputs)


@pytest.mark.parametrize("index", [5, -6])
def test_stored_indices_outside_are_refused(index: int) -> None:
    with pytest.raises(UnsupportedError, match=f"gathers index {index}, must be -5 to 4"):
        check_graph(import_tflite(gathered((5, 2), np.array([0, index]), 0)))


def test_batch_dims_of_more_dimensions_than_the_indices_have_are_refused() -> None:
    with pytest.raises(ModelError, match="batch_dims is 3, must be -1 to 1"):
        import_tflite(gathered((2, 2, 2, 2), np.array([0, 1]), 3, 3))


@pytest.mark.parametrize("where", [(), ("x",), ("indices",)])
def test_executions_agree(where: tuple[str, ...]) -> None:
    x = elements((2, 3, 5, 4), "float32")
    indices = np.array([[1, -5, 4], [0, 2, 2]])
    graph, inputs = gathering("GATHER", Attributes(2, 1), x, indices, where)
    check_executions(graph, inputs)
    assert graph.layers[0].output.elements == math.prod((2, 3, 3, 4))


def test_sample() -> None:
    check_executions(sample(), [elements((2, 1, 5, 4), "int8")])
