from __future__ import annotations

import numpy as np
import pytest

from simref.builder import GraphBuilder
from simref.graph import Array, Graph
from simref.ops import batch_normalization, fully_connected, reshape
from simref.ops._activation import Activation
from simref.ops._elementwise import Attributes as BinaryAttributes
from simref.passes.fold_batch_norm import fold_batch_norm
from tests.passes.rewrites import (
    CHANNELS,
    NONE,
    WEIGHTED,
    check_rounding_only,
    check_same_bits,
    image,
    ops_of,
    values,
    weighted,
)


def normalized(builder: GraphBuilder, x: int, activation: Activation = NONE, *, offset: float = 1) -> int:
    channels, seed = builder.shape(x)[-1], len(builder.tensors)
    scale = builder.constant(f"scale{seed}", values((channels,), seed))
    shift = builder.constant(f"offset{seed}", values((channels,), seed + 1) * np.float32(offset))
    name = f"norm{seed}"
    return builder.layer("BATCH_NORMALIZATION", name, [x, scale, shift], batch_normalization.Attributes(activation))


def arithmetic(builder: GraphBuilder, op: str, x: int, constant: Array, *, first: bool = False) -> int:
    stored = builder.constant(f"c{len(builder.tensors)}", constant.astype(np.float32))
    operands = [stored, x] if first else [x, stored]
    return builder.layer(op, f"{op}{len(builder.tensors)}", operands, BinaryAttributes(NONE))


@pytest.mark.parametrize("kind", WEIGHTED)
@pytest.mark.parametrize("bias", [True, False])
def test_a_normalization_behind_joins_weights_and_bias(kind: str, bias: bool) -> None:
    builder = GraphBuilder("behind")
    y = weighted(builder, kind, "weighted", image(builder), pad=1, bias=bias)
    graph = builder.graph([normalized(builder, y, Activation.RELU6)])
    (node,) = check_rounding_only(fold_batch_norm, graph).nodes
    assert (node.name, node.attributes.activation) == ("weighted", Activation.RELU6)


@pytest.mark.parametrize("kind", [kind for kind in WEIGHTED if kind != "TRANSPOSE_CONV"])
def test_a_normalization_in_front_joins_weights_and_bias(kind: str) -> None:
    builder = GraphBuilder("in front")
    x = normalized(builder, image(builder))
    graph = builder.graph([weighted(builder, kind, "weighted", x, bias=False)])
    folded = check_rounding_only(fold_batch_norm, graph)
    assert [node.name for node in folded.nodes] == ["weighted"]


def test_a_dense_layer_over_a_flattened_image() -> None:
    builder = GraphBuilder("dense")
    x = normalized(builder, image(builder))
    w = builder.constant("w", values((3, 5 * 6 * CHANNELS)))
    y = builder.layer("FULLY_CONNECTED", "dense", [x, w], fully_connected.Attributes(False, NONE))
    assert ops_of(check_rounding_only(fold_batch_norm, builder.graph([y]))) == ["FULLY_CONNECTED"]


def test_a_dense_layer_whose_rows_end_within_a_pixel_keeps_what_is_in_front() -> None:
    builder = GraphBuilder("dense")
    x = normalized(builder, image(builder))
    y = builder.layer(
        "FULLY_CONNECTED", "dense", [x, builder.constant("w", values((3, 6)))], fully_connected.Attributes(False, NONE)
    )
    assert len(check_same_bits(fold_batch_norm, builder.graph([y])).nodes) == 2


@pytest.mark.parametrize("kind", ["CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV"])
def test_in_front_of_padding_only_scales_move(kind: str) -> None:
    for offset, layers in ((0, 1), (1, 2)):
        builder = GraphBuilder("padded")
        x = normalized(builder, image(builder), offset=offset)
        graph = builder.graph([weighted(builder, kind, "weighted", x, pad=1)])
        assert len(check_rounding_only(fold_batch_norm, graph).nodes) == layers


def all_around() -> Graph:
    """Arithmetic of every kind before and behind a convolution."""
    builder = GraphBuilder("around")
    c = values((1, 1, CHANNELS), 7)
    x = arithmetic(builder, "SUB", image(builder), c[0], first=True)
    x = arithmetic(builder, "DIV", x, c + 3)
    x = weighted(builder, "CONV_2D", "conv", x)
    x = arithmetic(builder, "MUL", x, c, first=True)
    x = arithmetic(builder, "ADD", x, c[0, 0])
    x = arithmetic(builder, "SUB", x, np.array(0.5))
    return builder.graph([normalized(builder, x, Activation.RELU)])


def test_chains_are_folded_whole() -> None:
    assert ops_of(check_rounding_only(fold_batch_norm, all_around())) == ["CONV_2D"]


def test_weights_are_rounded_once() -> None:
    graph = all_around()
    constants = {t.name: t.data.astype(np.float64) for t in graph.tensors if t.data is not None}
    product = constants["conv/w"]
    for layer in graph.layers:
        stored = [t.data.astype(np.float64).ravel() for t in layer.inputs if t is not None and t.data is not None]
        if layer.op == "DIV":
            product = product / stored[0]
        elif layer.op in ("MUL", "BATCH_NORMALIZATION"):
            product = product * stored[0].reshape(-1, 1, 1, 1)
    (conv,) = fold_batch_norm(graph).layers
    # The first layer subtracts its input from a constant.
    np.testing.assert_allclose(conv.constant(1).astype(np.float64), -product, rtol=2.0**-24)


def test_layers_between_two_convolutions_join_the_first() -> None:
    builder = GraphBuilder("between")
    x = weighted(builder, "CONV_2D", "first", image(builder))
    x = normalized(builder, normalized(builder, x, Activation.RELU))
    graph = builder.graph([weighted(builder, "CONV_2D", "second", x)])
    folded = check_rounding_only(fold_batch_norm, graph)
    assert [node.name for node in folded.nodes] == ["first", "second"]
    assert folded.nodes[0].attributes.activation is Activation.RELU


def test_what_others_read_stays() -> None:
    builder = GraphBuilder("branch")
    y = weighted(builder, "CONV_2D", "conv", image(builder))
    norm = normalized(builder, y)
    assert len(check_same_bits(fold_batch_norm, builder.graph([norm, y])).nodes) == 2


def test_shared_weights_are_scaled_for_one_reader_alone() -> None:
    builder = GraphBuilder("shared")
    w = builder.constant("w", values((CHANNELS, CHANNELS)))
    a = builder.layer("FULLY_CONNECTED", "a", [image(builder), w], fully_connected.Attributes(True, NONE))
    b = builder.layer("FULLY_CONNECTED", "b", [image(builder, "z"), w], fully_connected.Attributes(True, NONE))
    assert len(check_rounding_only(fold_batch_norm, builder.graph([normalized(builder, a), b])).nodes) == 2


def test_other_layers_than_by_channel_stay() -> None:
    builder = GraphBuilder("others")
    y = weighted(builder, "CONV_2D", "conv", image(builder), pad=1)
    by_row = arithmetic(builder, "MUL", y, values((1, builder.shape(y)[1], 1, 1)))
    graph = builder.graph([by_row])
    assert len(check_same_bits(fold_batch_norm, graph).nodes) == 2


def test_a_fold_that_overflows_is_not_made() -> None:
    builder = GraphBuilder("overflow")
    y = weighted(builder, "CONV_2D", "conv", image(builder))
    graph = builder.graph([arithmetic(builder, "MUL", y, np.array(3e38))])
    assert len(fold_batch_norm(graph).nodes) == 2


def test_a_view_between_is_not_looked_through() -> None:
    builder = GraphBuilder("view")
    y = weighted(builder, "CONV_2D", "conv", image(builder))
    y = builder.layer("RESHAPE", "view", [y], reshape.Attributes((1, 15, CHANNELS)))
    assert len(check_same_bits(fold_batch_norm, builder.graph([normalized(builder, y)])).nodes) == 3
