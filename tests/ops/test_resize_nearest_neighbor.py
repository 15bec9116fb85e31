from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.check import check_graph
from simref.errors import UnsupportedError
from simref.importers.tflite import import_tflite
from simref.interpreter import run
from simref.ops._resize import Attributes, Coordinates, Nearest
from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_graph_on_host, check_on_host, check_reference, dtypes_but
from tests.ops.resize_cases import (
    COORDINATES,
    NEAREST,
    check_every_small_size,
    drawn_attributes,
    graph_of_resize,
    image,
    image_sizes,
    onnx_resized,
    resized,
)
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
    check_every_small_size(OP, corners=corners, centers=centers)


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


# ONNX Runtime rounds the symmetric places in another order: halfway between two pixels it picks the other one.
PICKED = tuple(coordinates for coordinates in COORDINATES if coordinates != "half_pixel_symmetric")


@given(image_sizes(), st.sampled_from(PICKED), st.data())
@settings(max_examples=100, deadline=None)
def test_equals_onnx(case: tuple[Shape, tuple[int, int]], coordinates: Coordinates, data: st.DataObject) -> None:
    a, x = drawn_attributes(data.draw, *case, coordinates), image(case[0])
    graph = graph_of_resize(OP, x.shape, a)
    (y,) = run(graph, x)
    np.testing.assert_array_equal(y[0], onnx_resized(x, a, "nearest"))


@pytest.mark.parametrize("coordinates", PICKED)
@pytest.mark.parametrize("nearest", NEAREST)
def test_onnx_indices_of_every_small_size(coordinates: Coordinates, nearest: Nearest) -> None:
    for width in range(1, 13):
        x = np.arange(width, dtype=np.float32).reshape(1, 1, width, 1)
        for target in range(1, 26, 3):
            a = Attributes((1, target), coordinates=coordinates, nearest=nearest)
            (y,) = run(graph_of_resize(OP, x.shape, a), x)
            np.testing.assert_array_equal(y[0], onnx_resized(x, a, "nearest"))


def test_c_equals_reference_with_onnx_coordinates() -> None:
    a = Attributes((7, 4), coordinates="half_pixel", nearest="round_prefer_ceil")
    check_graph_on_host(graph_of_resize(OP, (2, 3, 5, 2), a), [image((3, 2, 3, 5, 2))])


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
