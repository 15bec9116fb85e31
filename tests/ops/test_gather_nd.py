from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Array, Graph
from simref.ops.gather_nd import Attributes
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
from tests.ops.movement_cases import check_reference, dtypes, movement_model, shapes, stored

Case = tuple[Array, Array, Attributes]


def sample() -> Graph:
    indices = np.array([[0, 3, 2], [0, -1, -5]])
    return gathering("GATHER_ND", Attributes(), elements((1, 4, 5, 3), "int8"), indices, ("indices",))[0]


@st.composite
def cases(draw: st.DrawFn, *, low: int = 0, batched: bool = True) -> Case:
    shape = draw(shapes(1, 5, 5))
    batch_dims = draw(st.integers(0, len(shape) - 1)) if batched else 0
    depth = draw(st.integers(1, len(shape) - batch_dims))
    index_shape = (*shape[:batch_dims], *draw(shapes(0, min(2, 5 - batch_dims), 4)), depth)
    sizes = shape[batch_dims : batch_dims + depth]
    return drawn_elements(draw, shape), drawn_indices(draw, index_shape, sizes, low=low), Attributes(batch_dims)


@given(cases(low=-1), stored_operands)
@settings(max_examples=40, deadline=None)
def test_equals_onnx(case: Case, where: tuple[str, ...]) -> None:
    x, indices, a = case
    expected = onnx_gathered("GatherND", x, indices.astype(np.int64), batch_dims=a.batch_dims)
    check_gathering("GATHER_ND", a, x, indices, where, expected)


@given(cases(batched=False), dtypes)
@settings(max_examples=60, deadline=None)
def test_reference_equals_oracle(case: Case, dtype: str) -> None:
    x, indices, _ = case
    target = (*indices.shape[:-1], *x.shape[indices.shape[-1] :])
    check_reference(movement_model("GATHER_ND", [x.shape], [target], dtype=dtype, after=[stored("indices", indices)]))


def test_computed_indices_outside_take_the_nearest_element() -> None:
    x = elements((3, 4, 2), "int8")
    indices = np.array([[-9, 9], [2, -5], [3, 0], [-3, 3]], np.int32)
    check_gathering("GATHER_ND", Attributes(), x, indices, (), x[[0, 2, 2, 0], [3, 0, 0, 3]])
    check_executions(*gathering("GATHER_ND", Attributes(), x, indices, ()))


def test_sample() -> None:
    check_executions(sample(), [elements((2, 1, 4, 5, 3), "int8")])
