from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.builder import GraphBuilder
from simref.graph import Graph
from simref.importers.tflite import import_tflite
from simref.ops._pad import Attributes as PadAttributes
from simref.ops._pool import Attributes as PoolAttributes
from simref.passes.fuse_activation import fuse_activation
from simref.passes.fuse_padding import fuse_padding
from tests.build_tflite import VALID, OperatorSpec, TensorSpec, build_model
from tests.passes.rewrites import NONE, check_same_bits, image, ops_of, weighted

Side = tuple[int, int]
sides = st.tuples(st.integers(0, 2), st.integers(0, 2))


def padded(builder: GraphBuilder, x: int, rows: Side, columns: Side, value: float = 0.0, *, op: str = "PAD") -> int:
    pads = ((0, 0), rows, columns, (0, 0))
    return builder.layer(op, f"pad{len(builder.tensors)}", [x], PadAttributes(pads, value))


@given(sides, sides, st.sampled_from(["CONV_2D", "CONV_2D grouped", "DEPTHWISE_CONV_2D"]), st.integers(0, 1))
@settings(max_examples=30, deadline=None)
def test_a_border_of_zeros_joins_the_convolution(rows: Side, columns: Side, kind: str, pad: int) -> None:
    builder = GraphBuilder("padded")
    x = padded(builder, padded(builder, image(builder), rows, columns), (0, 1), (2, 0))
    graph = builder.graph([weighted(builder, kind, "conv", x, pad=pad)])
    (node,) = check_same_bits(fuse_padding, graph).nodes
    expected = (rows[0] + pad, rows[1] + 1 + pad, columns[0] + 2 + pad, columns[1] + pad)
    assert (node.name, node.attributes.pads) == ("conv", expected)


def quantized(value: int) -> Graph:
    """PADV2 of that value before an int8 convolution of zero point 3."""
    weights = np.random.default_rng(0).integers(-127, 128, (2, 3, 3, 2))
    tensors = [
        TensorSpec("x", (1, 5, 4, 2), scale=0.5, zero_point=3),
        TensorSpec("pads", (4, 2), "int32", data=[[0, 0], [1, 0], [1, 2], [0, 0]]),
        TensorSpec("value", (), scale=0.5, zero_point=3, data=value),
        TensorSpec("p", (1, 6, 7, 2), scale=0.5, zero_point=3),
        TensorSpec("w", (2, 3, 3, 2), scale=[0.25, 0.5], data=weights),
        TensorSpec("b", (2,), "int32", scale=[0.125, 0.25], data=[7, -7]),
        TensorSpec("y", (1, 4, 5, 2), scale=40.0, zero_point=1),
    ]
    operators = [
        OperatorSpec("PADV2", ["x", "pads", "value"], ["p"]),
        OperatorSpec("CONV_2D", ["p", "w", "b"], ["y"], {"padding": VALID, "strideH": 1, "strideW": 1}),
    ]
    return import_tflite(build_model(tensors, operators, ["x"], ["y"]))


def test_int8_pads_with_its_zero_point() -> None:
    assert ops_of(check_same_bits(fuse_padding, quantized(3))) == ["CONV_2D"]
    assert ops_of(check_same_bits(fuse_padding, quantized(0))) == ["PADV2", "CONV_2D"]


@pytest.mark.parametrize(
    ("value", "rows", "layers"), [(-math.inf, (1, 1), 1), (0.0, (1, 1), 2), (-math.inf, (2, 0), 2)]
)
def test_a_maximum_pads_with_what_is_no_maximum(value: float, rows: Side, layers: int) -> None:
    builder = GraphBuilder("pool")
    x = padded(builder, image(builder), rows, (0, 1), value, op="PADV2")
    pool = builder.layer("MAX_POOL_2D", "pool", [x], PoolAttributes((2, 2), (1, 1), (0, 0, 0, 0), NONE))
    assert len(check_same_bits(fuse_padding, builder.graph([pool])).nodes) == layers


@pytest.mark.parametrize("rectified", [True, False])
def test_zeros_are_no_maximum_behind_a_rectified_convolution(rectified: bool) -> None:
    builder = GraphBuilder("pool")
    y = weighted(builder, "CONV_2D", "conv", image(builder))
    if rectified:
        y = builder.layer("RELU", "relu", [y])
    x = padded(builder, y, (1, 1), (0, 1))
    pool = builder.layer("MAX_POOL_2D", "pool", [x], PoolAttributes((2, 2), (1, 1), (0, 0, 0, 0), NONE))
    graph = fuse_activation(builder.graph([pool]))
    expected = ["CONV_2D", "MAX_POOL_2D"] if rectified else ["CONV_2D", "PAD", "MAX_POOL_2D"]
    assert ops_of(check_same_bits(fuse_padding, graph)) == expected


@pytest.mark.parametrize(("pad", "counts", "layers"), [(0, False, 1), (1, True, 1), (1, False, 2)])
def test_a_mean_counts_the_border(pad: int, counts: bool, layers: int) -> None:
    builder = GraphBuilder("pool")
    x = padded(builder, image(builder), (1, 0), (0, 1))
    attributes = PoolAttributes((3, 3), (1, 1), (pad, pad, pad, pad), NONE, include_pad=counts)
    graph = builder.graph([builder.layer("AVERAGE_POOL_2D", "pool", [x], attributes)])
    assert len(check_same_bits(fuse_padding, graph).nodes) == layers


def test_what_others_read_stays() -> None:
    builder = GraphBuilder("branch")
    x = padded(builder, image(builder), (1, 1), (1, 1))
    y = weighted(builder, "CONV_2D", "conv", x)
    assert len(check_same_bits(fuse_padding, builder.graph([y, x])).nodes) == 2


@pytest.mark.parametrize(
    ("pads", "value"), [(((0, 0), (1, 1), (0, 0), (0, 0)), 0.5), (((0, 0), (1, 1), (0, 0), (1, 0)), 0.0)]
)
def test_other_borders_stay(pads: tuple[Side, ...], value: float) -> None:
    builder = GraphBuilder("other")
    channels = sum(pads[3])
    x = builder.input("x", (1, 5, 6, 4 - channels))
    y = weighted(builder, "CONV_2D", "conv", builder.layer("PAD", "pad", [x], PadAttributes(pads, value)))
    assert len(check_same_bits(fuse_padding, builder.graph([y])).nodes) == 2
