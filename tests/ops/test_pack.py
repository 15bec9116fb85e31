from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.check import check_graph
from simref.errors import UnsupportedError
from simref.importers.tflite import import_tflite
from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_on_host, check_reference, dtypes_but, movement_model, shapes
from tests.oracle import random_inputs


def packed(shape: Shape, count: int, axis: int, dtype: str = "int8") -> bytes:
    place = axis % (len(shape) + 1)
    target = (*shape[:place], count, *shape[place:])
    options = {"axis": axis, "valuesCount": count}
    return movement_model("PACK", [shape] * count, [target], dtype=dtype, options=options)


def sample() -> bytes:
    return packed((1, 3, 4), 3, 2)


@st.composite
def cases(draw: st.DrawFn) -> bytes:
    shape = draw(shapes(0, 4))
    axis = draw(st.integers(-len(shape) - 1, len(shape)))
    return packed(shape, draw(st.integers(1, 4)), axis, draw(dtypes_but("bool")))


@given(cases())
@settings(max_examples=60, deadline=None)
def test_reference_equals_oracle(model: bytes) -> None:
    check_reference(model)


@given(cases())
@settings(max_examples=20, deadline=None)
def test_c_equals_reference(model: bytes) -> None:
    check_on_host(model)


def test_unequal_shapes_are_refused() -> None:
    options = {"axis": 0, "valuesCount": 2}
    model = movement_model("PACK", [(2, 3), (2, 4)], [(2, 2, 3)], options=options)
    with pytest.raises(UnsupportedError, match=r"input shapes are \(2, 3\) and \(2, 4\), must be equal"):
        check_graph(import_tflite(model))


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
