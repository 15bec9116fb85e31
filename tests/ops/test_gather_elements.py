from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Array, Graph
from simref.ops.gather_elements import Attributes
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
from tests.ops.movement_cases import shapes


def sample() -> Graph:
    x, indices = elements((1, 5, 2), "int8"), np.array([[[4, -1], [0, 2], [1, 1]]])
    return gathering("GATHER_ELEMENTS", Attributes(1), x, indices, ("indices",))[0]


@st.composite
def cases(draw: st.DrawFn) -> tuple[Array, Array, Attributes]:
    shape = draw(shapes(1, 4, 6))
    axis = draw(st.integers(0, len(shape) - 1))
    index_shape = (*shape[:axis], draw(st.integers(1, 7)), *shape[axis + 1 :])
    return drawn_elements(draw, shape), drawn_indices(draw, index_shape, shape[axis], low=-1), Attributes(axis)


@given(cases(), stored_operands)
@settings(max_examples=40, deadline=None)
def test_equals_onnx(case: tuple[Array, Array, Attributes], where: tuple[str, ...]) -> None:
    x, indices, a = case
    expected = onnx_gathered("GatherElements", x, indices.astype(np.int64), axis=a.axis)
    check_gathering("GATHER_ELEMENTS", a, x, indices, where, expected)


def test_computed_indices_outside_take_the_nearest_element() -> None:
    x = elements((3, 2), "int8")
    indices = np.array([[-9, 9], [3, -4]], np.int64)
    check_gathering(
        "GATHER_ELEMENTS", Attributes(0), x, indices, (), np.array([[x[0, 0], x[2, 1]], [x[2, 0], x[0, 1]]])
    )
    check_executions(*gathering("GATHER_ELEMENTS", Attributes(0), x, indices, ()))


def test_sample() -> None:
    check_executions(sample(), [elements((2, 1, 5, 2), "int8")])
