"""Models and cases for the tests of the operators that resize images."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import strategies as st

from simref.builder import GraphBuilder
from simref.graph import Array, Graph
from simref.ops._resize import Attributes, Coordinates, Nearest
from tests.ops.movement_cases import Shape, check_reference, movement_model, stored

COORDINATES: tuple[Coordinates, ...] = get_args(Coordinates)
NEAREST: tuple[Nearest, ...] = get_args(Nearest)


def resized(
    op: str, shape: Shape, size: tuple[int, int], *, corners: bool = False, centers: bool = False, dtype: str = "int8"
) -> bytes:
    """A model that resizes an image of that shape."""
    options = {"alignCorners": corners, "halfPixelCenters": centers}
    target = (shape[0], *size, shape[3])
    return movement_model(op, [shape], [target], dtype=dtype, after=[stored("size", size)], options=options)


@st.composite
def image_sizes(draw: st.DrawFn, largest: int = 20) -> tuple[Shape, tuple[int, int]]:
    """The shape of an image of 1 or 2 in a batch, and the size to which it is to be resized."""
    sides = st.integers(1, largest)
    shape = (draw(st.integers(1, 2)), draw(sides), draw(sides), draw(st.integers(1, 9)))
    factor = draw(st.integers(0, 3))
    size = (shape[1] * factor, shape[2] * factor) if factor else (draw(sides), draw(sides))
    return shape, size


def check_every_small_size(op: str, *, corners: bool, centers: bool) -> None:
    """Images of one row up to 23 pixels wide, to every width up to 47."""
    for width in range(1, 24):
        for target in range(1, 48):
            check_reference(resized(op, (1, 1, width, 1), (1, target), corners=corners, centers=centers))


def image(shape: Shape) -> Array:
    """Elements from -1 to 1, all of them different."""
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


def drawn_attributes(draw: Any, shape: Shape, size: tuple[int, int], coordinates: Coordinates) -> Attributes:
    """ONNX's attributes: the size, or in its place scales that are not its ratios to the shape."""
    nearest = draw(st.sampled_from(NEAREST))
    if draw(st.booleans()):
        return Attributes(size, coordinates=coordinates, nearest=nearest)
    height, width = (draw(st.sampled_from([0.7, 1.0, 1.3, 2.0, 2.5, 3.6])) for _ in size)
    scales = (max(height, 1 / shape[1]), max(width, 1 / shape[2]))
    # ONNX Runtime computes the sizes in float32.
    found = tuple(int(n) for n in np.floor(np.array(scales, np.float32) * np.array(shape[1:3], np.float32)))
    # It copies images that keep their size, whatever the scales.
    same = found == shape[1:3]
    return Attributes((found[0], found[1]), coordinates=coordinates, nearest=nearest, scales=None if same else scales)


def graph_of_resize(op: str, shape: Shape, a: Attributes, dtype: str = "float32") -> Graph:
    """A graph of one layer."""
    builder = GraphBuilder("resize")
    return builder.graph([builder.layer(op, "y", [builder.input("x", shape, dtype)], a)])


def onnx_resized(x: Array, a: Attributes, mode: str, **options: float) -> Array:
    """What ONNX Runtime makes of an image NHWC; skips the test without it."""
    helper = pytest.importorskip("onnx.helper")
    runtime = pytest.importorskip("onnxruntime")
    names = ["x", "", "", "target"] if a.scales is None else ["x", "", "target"]
    transform = {"coordinate_transformation_mode": a.coordinates, "nearest_mode": a.nearest}
    node = helper.make_node("Resize", names, ["y"], mode=mode, **transform, **options)
    kinds = [
        helper.np_dtype_to_tensor_dtype(np.dtype(t)) for t in ("float32", "int64" if a.scales is None else "float32")
    ]
    images = x.transpose(0, 3, 1, 2)
    graph = helper.make_graph(
        [node],
        "resize",
        [
            helper.make_tensor_value_info("x", kinds[0], images.shape),
            helper.make_tensor_value_info("target", kinds[1], [4]),
        ],
        [helper.make_tensor_value_info("y", kinds[0], None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)
    if a.scales is None:
        target: Array = np.array([*images.shape[:2], *a.size], np.int64)
    else:
        target = np.array([1, 1, *a.scales], np.float32)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {"x": images, "target": target})
    return np.asarray(y).transpose(0, 2, 3, 1)
