"""Graphs and checks for the tests of DEPTH_TO_SPACE and SPACE_TO_DEPTH."""

from __future__ import annotations

import numpy as np

from simref.builder import GraphBuilder
from simref.graph import Array, Graph
from simref.interpreter import run
from simref.ops._blocks import Attributes
from tests.ops.movement_cases import Shape, check_graph_on_host, movement_model

MODES = ("DCR", "CRD")


def blocks(op: str, x: Shape, y: Shape, block: int, dtype: str = "int8") -> bytes:
    """A TFLite model of one layer."""
    return movement_model(op, [x], [y], dtype=dtype, options={"blockSize": block})


def graph_of_blocks(op: str, shape: Shape, a: Attributes, dtype: str) -> Graph:
    """A graph of one layer, in either mode."""
    builder = GraphBuilder("blocks")
    return builder.graph([builder.layer(op, "y", [builder.input("x", shape, dtype)], a)])


def check_blocks(op: str, x: Array, a: Attributes, expected: Array) -> None:
    """The layer gives for one sample what is expected, in NumPy and in C."""
    graph = graph_of_blocks(op, x.shape, a, x.dtype.name)
    np.testing.assert_array_equal(run(graph, x)[0][0], expected)
    check_graph_on_host(graph, [x[np.newaxis]])


def depth_to_space(x: Array, a: Attributes) -> Array:
    """The definition, as ONNX states it for NCHW images."""
    block, (n, h, w, depth) = a.block_size, x.shape
    images, channels = x.transpose(0, 3, 1, 2), depth // block**2
    if a.mode == "DCR":
        split = images.reshape(n, block, block, channels, h, w).transpose(0, 3, 4, 1, 5, 2)
    else:
        split = images.reshape(n, channels, block, block, h, w).transpose(0, 1, 4, 2, 5, 3)
    return split.reshape(n, channels, h * block, w * block).transpose(0, 2, 3, 1)
