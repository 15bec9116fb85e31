"""Small valid models that the importer's tests damage."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.build_tflite import SAME, OperatorSpec, TensorSpec, model_object


def convolution() -> Any:
    """x -> CONV_2D with two output channels, per-channel scales and a bias -> RESHAPE -> y, as a `ModelT`."""
    rng = np.random.default_rng(0)
    return model_object(
        [
            TensorSpec("x", (1, 4, 4, 3), scale=0.5, zero_point=-3),
            TensorSpec("w", (2, 3, 3, 3), scale=[0.25, 0.5], data=rng.integers(-127, 128, (2, 3, 3, 3))),
            TensorSpec("b", (2,), "int32", scale=[0.125, 0.25], data=[7, -7]),
            TensorSpec("conv", (1, 4, 4, 2), scale=2.0, zero_point=1),
            TensorSpec("shape", (2,), "int32", data=[1, 32]),
            TensorSpec("y", (1, 32), scale=2.0, zero_point=1),
        ],
        [
            OperatorSpec("CONV_2D", ["x", "w", "b"], ["conv"], {"padding": SAME, "strideH": 1, "strideW": 1}),
            OperatorSpec("RESHAPE", ["conv", "shape"], ["y"]),
        ],
        ["x"],
        ["y"],
    )


def flattening() -> Any:
    """x -> RESHAPE to a shape computed by SHAPE, STRIDED_SLICE and PACK -> y, as today's converter leaves it."""
    return model_object(
        [
            TensorSpec("x", (1, 4, 3), scale=0.5),
            TensorSpec("shape", (3,), "int32"),
            TensorSpec("first", (1,), "int32", data=[0]),
            TensorSpec("last", (1,), "int32", data=[1]),
            TensorSpec("stride", (1,), "int32", data=[1]),
            TensorSpec("batch", (), "int32"),
            TensorSpec("elements", (), "int32", data=12),
            TensorSpec("flat", (2,), "int32"),
            TensorSpec("y", (1, 12), scale=0.5),
        ],
        [
            OperatorSpec("SHAPE", ["x"], ["shape"], {"outType": 2}),
            OperatorSpec("STRIDED_SLICE", ["shape", "first", "last", "stride"], ["batch"], {"shrinkAxisMask": 1}),
            OperatorSpec("PACK", ["batch", "elements"], ["flat"], {"valuesCount": 2}),
            OperatorSpec("RESHAPE", ["x", "flat"], ["y"]),
        ],
        ["x"],
        ["y"],
    )


def moving() -> Any:
    """x -> MIRROR_PAD -> SPACE_TO_DEPTH -> TILE -> REVERSE_V2 -> GATHER -> GATHER_ND -> y, operands stored."""
    return model_object(
        [
            TensorSpec("x", (1, 3, 4, 2), "float32"),
            TensorSpec("paddings", (4, 2), "int32", data=[[0, 0], [1, 2], [2, 0], [0, 0]]),
            TensorSpec("mirrored", (1, 6, 6, 2), "float32"),
            TensorSpec("deep", (1, 3, 3, 8), "float32"),
            TensorSpec("multiples", (4,), "int32", data=[1, 2, 1, 1]),
            TensorSpec("tiled", (1, 6, 3, 8), "float32"),
            TensorSpec("axes", (2,), "int32", data=[1, 2]),
            TensorSpec("reversed", (1, 6, 3, 8), "float32"),
            TensorSpec("rows", (2,), "int64", data=[5, 0]),
            TensorSpec("gathered", (1, 2, 3, 8), "float32"),
            TensorSpec("places", (3, 2), "int32", data=[[0, 1], [0, 0], [0, 1]]),
            TensorSpec("y", (3, 3, 8), "float32"),
        ],
        [
            OperatorSpec("MIRROR_PAD", ["x", "paddings"], ["mirrored"], {"mode": 1}),
            OperatorSpec("SPACE_TO_DEPTH", ["mirrored"], ["deep"], {"blockSize": 2}),
            OperatorSpec("TILE", ["deep", "multiples"], ["tiled"]),
            OperatorSpec("REVERSE_V2", ["tiled", "axes"], ["reversed"]),
            OperatorSpec("GATHER", ["reversed", "rows"], ["gathered"], {"axis": 1}),
            OperatorSpec("GATHER_ND", ["gathered", "places"], ["y"]),
        ],
        ["x"],
        ["y"],
    )
