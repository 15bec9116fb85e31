from __future__ import annotations

import math

import numpy as np
import pytest

from simref.builder import GraphBuilder
from simref.graph import Graph
from simref.interpreter import run
from simref.ops import batch_normalization
from simref.ops._activation import Activation
from simref.ops._elementwise import Attributes as BinaryAttributes
from simref.ops._pool import Attributes as PoolAttributes
from simref.ops.clip import Attributes as Clip
from simref.passes.fuse_activation import fuse_activation
from tests.passes.rewrites import CHANNELS, NONE, WEIGHTED, check_same_bits, image, ops_of, values, weighted

CLAMPS = [
    ("RELU", None),
    ("RELU6", None),
    ("RELU_N1_TO_1", None),
    ("CLIP", Clip(0.0, 6.0)),
    ("CLIP", Clip(0, math.inf)),
]


def normalized(builder: GraphBuilder, x: int) -> int:
    scale, offset = (builder.constant(name, values((CHANNELS,), k)) for k, name in enumerate(("scale", "offset")))
    return builder.layer("BATCH_NORMALIZATION", "norm", [x, scale, offset], batch_normalization.Attributes())


def pooled(builder: GraphBuilder, x: int) -> int:
    return builder.layer("MAX_POOL_2D", "pool", [x], PoolAttributes((2, 2), (1, 1), (0, 0, 0, 0), NONE))


@pytest.mark.parametrize(("op", "attributes"), CLAMPS)
@pytest.mark.parametrize("kind", [*WEIGHTED, "ADD", "MUL", "BATCH_NORMALIZATION", "MAX_POOL_2D"])
def test_a_clamp_joins_the_layer_before_it(kind: str, op: str, attributes: Clip | None) -> None:
    builder = GraphBuilder("clamp")
    x = image(builder)
    if kind in ("ADD", "MUL"):
        y = builder.layer(kind, "binary", [x, image(builder, "z")], BinaryAttributes(NONE))
    elif kind in WEIGHTED:
        y = weighted(builder, kind, "weighted", x)
    else:
        y = normalized(builder, x) if kind == "BATCH_NORMALIZATION" else pooled(builder, x)
    graph = builder.graph([builder.layer(op, "clamp", [y], attributes)])
    fused = check_same_bits(fuse_activation, graph)
    (node,) = fused.nodes
    assert (node.op, node.name) == (graph.nodes[0].op, graph.nodes[0].name)
    assert fused.tensors[node.outputs[0]].name == "clamp"


def chain(*clips: tuple[float, float]) -> Graph:
    builder = GraphBuilder("chain")
    y = weighted(builder, "CONV_2D", "conv", image(builder))
    for k, (low, high) in enumerate(clips):
        y = builder.layer("CLIP", f"clip{k}", [y], Clip(low, high))
    return builder.graph([y])


@pytest.mark.parametrize(
    ("clips", "activation"),
    [
        ([(0, math.inf), (-1, 6)], Activation.RELU6),
        ([(0, math.inf), (-math.inf, 6.0), (-3, 9)], Activation.RELU6),
        ([(-math.inf, math.inf)], NONE),
    ],
)
def test_clamps_in_a_row_become_their_common_range(clips: list[tuple[float, float]], activation: Activation) -> None:
    (node,) = check_same_bits(fuse_activation, chain(*clips)).nodes
    assert node.attributes.activation is activation


@pytest.mark.parametrize("clips", [[(0, 4)], [(1, 6)], [(-math.inf, 6)]])
def test_ranges_that_no_activation_has_stay(clips: list[tuple[float, float]]) -> None:
    assert ops_of(check_same_bits(fuse_activation, chain(*clips))) == ["CONV_2D", "CLIP"]


def test_what_others_read_stays_unclamped() -> None:
    builder = GraphBuilder("branch")
    y = weighted(builder, "CONV_2D", "conv", image(builder))
    relu = builder.layer("RELU", "relu", [y])
    total = builder.layer("ADD", "add", [y, relu], BinaryAttributes(NONE))
    assert len(check_same_bits(fuse_activation, builder.graph([total])).nodes) == 3
    assert len(check_same_bits(fuse_activation, builder.graph([relu, y])).nodes) == 2


def test_a_layer_without_an_activation_keeps_its_clamp() -> None:
    builder = GraphBuilder("tanh")
    y = builder.layer("RELU", "relu", [builder.layer("TANH", "tanh", [image(builder)])])
    assert ops_of(check_same_bits(fuse_activation, builder.graph([y]))) == ["TANH", "RELU"]


def test_special_values_pass_alike() -> None:
    builder = GraphBuilder("special")
    x = builder.input("x", (1, 8))
    y = builder.layer("ADD", "add", [x, builder.constant("zero", np.zeros(1, np.float32))], BinaryAttributes(NONE))
    graph = builder.graph([builder.layer("RELU6", "relu", [y])])
    special = np.array([[[-0.0, 0.0, math.inf, -math.inf, math.nan, 6, 7, -1e-45]]], np.float32)
    (expected,), (found,) = run(graph, special), run(fuse_activation(graph), special)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))
