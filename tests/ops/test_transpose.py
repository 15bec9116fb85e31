from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.emit import generate
from simref.errors import ModelError
from simref.importers.tflite import import_tflite
from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_on_host, check_reference, dtypes, movement_model, shapes, stored
from tests.oracle import random_inputs


def transposed(shape: Shape, permutation: list[int], dtype: str = "int8") -> bytes:
    target = [shape[axis] for axis in permutation]
    return movement_model("TRANSPOSE", [shape], [target], dtype=dtype, after=[stored("permutation", permutation)])


def sample() -> bytes:
    return transposed((1, 4, 5, 6), [0, 3, 1, 2])


@st.composite
def cases(draw: st.DrawFn) -> bytes:
    shape = draw(shapes(1, 6, 7))
    permutation = draw(st.permutations(range(len(shape))))
    return transposed(shape, [axis - len(shape) * draw(st.integers(0, 1)) for axis in permutation], draw(dtypes))


@given(cases())
@settings(max_examples=80, deadline=None)
def test_reference_equals_oracle(model: bytes) -> None:
    check_reference(model)


@given(cases())
@settings(max_examples=30, deadline=None)
def test_c_equals_reference(model: bytes) -> None:
    check_on_host(model)


@pytest.mark.parametrize("shape", [(2, 3, 16, 5), (3, 4, 8, 12), (5, 2, 64, 3)])
def test_widths_of_the_copied_element(shape: Shape) -> None:
    check_on_host(transposed(shape, [1, 0, 2, 3]))
    check_on_host(transposed(shape, [0, 2, 1, 3]))
    check_on_host(transposed(shape, [3, 2, 1, 0]))


def test_six_dimensions_of_eight_bytes() -> None:
    check_on_host(transposed((2, 3, 2, 3, 2, 3), [5, 4, 3, 2, 1, 0], "int64"))


def test_moving_only_ones_takes_no_code() -> None:
    project = generate(import_tflite(transposed((1, 7, 1, 9), [0, 2, 1, 3])))
    assert project.entry_points == (None,)


@pytest.mark.parametrize("permutation", [[0, 1, 1], [0, 1], [0, 1, 3]])
def test_no_permutation_is_refused(permutation: list[int]) -> None:
    model = movement_model("TRANSPOSE", [(2, 3, 4)], [(2, 3, 4)], after=[stored("permutation", permutation)])
    with pytest.raises(ModelError, match='layer 0 TRANSPOSE "y0": permutation'):
        import_tflite(model)


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
