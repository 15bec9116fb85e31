from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.check import check_graph
from simref.errors import UnsupportedError
from simref.importers.tflite import import_tflite
from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_on_host, check_reference, dtypes_but
from tests.ops.resize_cases import image_sizes, resized
from tests.oracle import random_inputs

OP = "RESIZE_NEAREST_NEIGHBOR"


def sample() -> bytes:
    return resized(OP, (1, 4, 5, 3), (8, 10), centers=True)


@given(image_sizes(), st.booleans(), st.booleans(), dtypes_but("int64"))
@settings(max_examples=150, deadline=None)
def test_reference_equals_oracle(case: tuple[Shape, tuple[int, int]], corners: bool, centers: bool, dtype: str) -> None:
    check_reference(resized(OP, *case, corners=corners, centers=centers, dtype=dtype))


@pytest.mark.parametrize("corners", [False, True])
@pytest.mark.parametrize("centers", [False, True])
def test_every_small_size(corners: bool, centers: bool) -> None:
    for width in range(1, 24):
        for target in range(1, 48):
            check_reference(resized(OP, (1, 1, width, 1), (1, target), corners=corners, centers=centers))


@given(image_sizes(), st.booleans(), dtypes_but("int64"))
@settings(max_examples=25, deadline=None)
def test_c_equals_reference(case: tuple[Shape, tuple[int, int]], centers: bool, dtype: str) -> None:
    check_on_host(resized(OP, *case, centers=centers, dtype=dtype))


def test_empty_output_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="must have at least one element"):
        check_graph(import_tflite(resized(OP, (1, 4, 4, 2), (0, 4))))


@pytest.mark.parametrize("channels", [1, 8])
def test_executions_agree(channels: int) -> None:
    model = resized(OP, (1, 3, 5, channels), (6, 10))
    check_everywhere(model, random_inputs(model, 2))


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
