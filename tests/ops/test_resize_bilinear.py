from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simref.check import check_graph
from simref.errors import UnsupportedError
from simref.importers.tflite import import_tflite
from simref.interpreter import run
from simref.ops._resize import Attributes, Coordinates
from simref.ops.resize_bilinear import interpolation
from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_graph_on_host, check_on_host, check_reference
from tests.ops.resize_cases import (
    COORDINATES,
    check_every_small_size,
    drawn_attributes,
    graph_of_resize,
    image,
    image_sizes,
    onnx_resized,
    resized,
)
from tests.oracle import random_inputs, run_reference

OP = "RESIZE_BILINEAR"
OPTIONS = [(False, False), (True, False), (False, True)]


def samples() -> list[bytes]:
    return [resized(OP, (1, 4, 5, 3), (8, 9), centers=True, dtype=dtype) for dtype in ("int8", "float32")]


def stays_inside(shape: Shape, size: tuple[int, int], corners: bool, centers: bool) -> bool:
    attributes = Attributes(size, corners, centers)
    lows = [interpolation(n, m, attributes).low[-1] for n, m in zip(shape[1:3], size, strict=True)]
    return all(low < n for low, n in zip(lows, shape[1:3], strict=True))


@given(image_sizes(), st.sampled_from(OPTIONS))
@settings(max_examples=150, deadline=None)
def test_reference_equals_oracle(case: tuple[Shape, tuple[int, int]], options: tuple[bool, bool]) -> None:
    assume(stays_inside(*case, *options))
    check_reference(resized(OP, *case, corners=options[0], centers=options[1]))


@pytest.mark.parametrize(("corners", "centers"), OPTIONS)
def test_every_small_size(corners: bool, centers: bool) -> None:
    check_every_small_size(OP, corners=corners, centers=centers)


@given(st.integers(1, 500), st.integers(1, 500), st.sampled_from(OPTIONS))
@settings(max_examples=200, deadline=None)
def test_weights_and_pixels_stay_in_range(size: int, target: int, options: tuple[bool, bool]) -> None:
    table = interpolation(size, target, Attributes((target, target), *options))
    assert ((table.weight >= 0) & (table.weight < 1024)).all()
    assert (table.low >= 0).all()
    inside = table.low < size
    assert (table.high < size).all()
    assert (np.isin(table.high - table.low, [0, 1]) | ~inside).all()


@given(image_sizes(), st.sampled_from(OPTIONS))
@settings(max_examples=25, deadline=None)
def test_c_equals_reference(case: tuple[Shape, tuple[int, int]], options: tuple[bool, bool]) -> None:
    assume(stays_inside(*case, *options))
    check_on_host(resized(OP, *case, corners=options[0], centers=options[1]))


def test_halves_round_away_from_zero() -> None:
    model = resized(OP, (1, 1, 2, 1), (1, 4))
    values = np.array([[[[[-3], [-2]]]], [[[[2], [3]]]], [[[[-1], [0]]]]], np.int8)
    check_everywhere(model, [values])


def test_positions_outside_the_input_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="takes pixel 1 of 1 for the last of 70, must stay inside"):
        check_graph(import_tflite(resized(OP, (1, 1, 1, 3), (70, 70))))


def test_both_options_are_refused_as_tflite_refuses_them() -> None:
    model = resized(OP, (1, 2, 2, 3), (4, 4), corners=True, centers=True)
    with pytest.raises(UnsupportedError, match="must have one of them at most"):
        check_graph(import_tflite(model))
    with pytest.raises(RuntimeError, match="half_pixel_centers"):
        random_inputs(model, 1)


@given(image_sizes(), st.sampled_from(OPTIONS))
@settings(max_examples=100, deadline=None)
def test_float32_is_close_to_tflite(case: tuple[Shape, tuple[int, int]], options: tuple[bool, bool]) -> None:
    model = resized(OP, *case, corners=options[0], centers=options[1], dtype="float32")
    inputs = random_inputs(model, 2)
    graph = import_tflite(model)
    check_graph(graph)
    for fused in (False, True):
        (y,) = run(graph, inputs, engine="numpy", fused=fused)
        np.testing.assert_allclose(y, run_reference(model, inputs)["y0"], atol=2e-5)


@given(image_sizes(), st.sampled_from(COORDINATES), st.data())
@settings(max_examples=60, deadline=None)
def test_float32_is_close_to_onnx(
    case: tuple[Shape, tuple[int, int]], coordinates: Coordinates, data: st.DataObject
) -> None:
    a, x = drawn_attributes(data.draw, *case, coordinates), image(case[0])
    (y,) = run(graph_of_resize(OP, x.shape, a), x)
    np.testing.assert_allclose(y[0], onnx_resized(x, a, "linear"), atol=2e-5)


@given(image_sizes(), st.sampled_from(COORDINATES), st.data())
@settings(max_examples=15, deadline=None)
def test_float32_c_equals_reference(
    case: tuple[Shape, tuple[int, int]], coordinates: Coordinates, data: st.DataObject
) -> None:
    a = drawn_attributes(data.draw, *case, coordinates)
    check_graph_on_host(graph_of_resize(OP, case[0], a), [image((2, *case[0]))])


def test_a_constant_image_stays_as_it_is() -> None:
    graph = graph_of_resize(OP, (1, 3, 5, 1), Attributes((7, 11), coordinates="half_pixel"))
    (y,) = run(graph, np.full((1, 3, 5, 1), 0.1, np.float32))
    assert (y == np.float32(0.1)).all()


def test_int8_refuses_coordinates_that_tflite_has_not() -> None:
    with pytest.raises(UnsupportedError, match="coordinates are asymmetric, must be TFLite's for int8"):
        graph_of_resize(OP, (1, 3, 5, 1), Attributes((6, 5), coordinates="asymmetric"), "int8")


@pytest.mark.parametrize("model", samples())
def test_samples(model: bytes) -> None:
    check_everywhere(model, random_inputs(model, 2), oracle=not import_tflite(model).computes_floats)
