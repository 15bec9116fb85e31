from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.errors import UnsupportedError
from simref.graph import Graph
from simref.interpreter import run
from simref.ops._resize import Coordinates
from simref.ops.resize_cubic import Attributes
from tests.executions import check_executions
from tests.ops.movement_cases import Shape, check_graph_on_host
from tests.ops.resize_cases import COORDINATES, drawn_attributes, graph_of_resize, image, image_sizes, onnx_resized

OP = "RESIZE_CUBIC"


def sample() -> Graph:
    return graph_of_resize(OP, (1, 4, 5, 3), Attributes((7, 9), coordinates="half_pixel", exclude_outside=True))


@st.composite
def cases(draw: st.DrawFn, coordinates: tuple[Coordinates, ...] = COORDINATES) -> tuple[Shape, Attributes]:
    shape, size = draw(image_sizes(12))
    base = drawn_attributes(draw, shape, size, draw(st.sampled_from(coordinates)))
    coefficient = draw(st.sampled_from([-0.75, -0.5, -1.0]))
    a = Attributes(**dataclasses.asdict(base), coefficient=coefficient)
    return shape, dataclasses.replace(a, exclude_outside=draw(st.booleans()) and a.scales is None)


@given(cases())
@settings(max_examples=60, deadline=None)
def test_is_close_to_onnx(case: tuple[Shape, Attributes]) -> None:
    shape, a = case
    x = image(shape)
    (y,) = run(graph_of_resize(OP, shape, a), x)
    options = {"cubic_coeff_a": a.coefficient, "exclude_outside": int(a.exclude_outside)}
    np.testing.assert_allclose(y[0], onnx_resized(x, a, "cubic", **options), atol=2e-5)


@given(cases())
@settings(max_examples=15, deadline=None)
def test_c_equals_reference(case: tuple[Shape, Attributes]) -> None:
    shape, a = case
    check_graph_on_host(graph_of_resize(OP, shape, a), [image((2, *shape))])


def test_pixels_on_their_places_stay() -> None:
    x = image((1, 3, 4, 2))
    (y,) = run(graph_of_resize(OP, x.shape, Attributes((3, 4), coordinates="half_pixel")), x)
    np.testing.assert_array_equal(y[0], x)


def test_an_output_without_input_is_refused() -> None:
    a = Attributes((5, 5), coordinates="asymmetric", scales=(0.1, 0.1), exclude_outside=True)
    with pytest.raises(UnsupportedError, match="lies outside the input's 4 pixels"):
        graph_of_resize(OP, (1, 4, 4, 1), a)


def test_sample() -> None:
    check_executions(sample(), [image((2, 1, 4, 5, 3))])
