from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.check import check_graph
from simref.errors import UnsupportedError
from simref.importers.tflite import import_tflite
from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_on_host, check_reference, dtypes_but, movement_model, shapes, stored
from tests.oracle import random_inputs


def split(shape: Shape, axis: int, parts: int, dtype: str = "int8") -> bytes:
    target = list(shape)
    target[axis] //= parts
    options = {"numSplits": parts}
    return movement_model(
        "SPLIT", [shape], [target] * parts, dtype=dtype, before=[stored("axis", axis)], options=options
    )


def sample() -> bytes:
    return split((1, 3, 4, 6), -1, 3)


@st.composite
def cases(draw: st.DrawFn) -> bytes:
    shape = list(draw(shapes(1, 5)))
    axis, parts = draw(st.integers(-len(shape), len(shape) - 1)), draw(st.integers(1, 4))
    shape[axis] *= parts
    return split(tuple(shape), axis, parts, draw(dtypes_but("bool")))


@given(cases())
@settings(max_examples=60, deadline=None)
def test_reference_equals_oracle(model: bytes) -> None:
    check_reference(model)


@given(cases())
@settings(max_examples=20, deadline=None)
def test_c_equals_reference(model: bytes) -> None:
    check_on_host(model)


def test_unequal_parts_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="splits 7 into 2 parts"):
        check_graph(import_tflite(split((1, 7), 1, 2)))


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
