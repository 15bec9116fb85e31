from __future__ import annotations

import numpy as np
import pytest

from simref.builder import GraphBuilder
from simref.ops import batch_normalization, reshape, transpose
from simref.ops._activation import Activation
from simref.ops._elementwise import Attributes as BinaryAttributes
from simref.passes.fold_batch_norm import fold_batch_norm
from simref.passes.fuse_activation import fuse_activation
from simref.passes.remove_identity import remove_identity
from simref.passes.sink_views import sink_views
from tests.passes.rewrites import CHANNELS, NONE, check_same_bits, image, ops_of, values, weighted


def viewed(builder: GraphBuilder, x: int, *shape: int) -> int:
    return builder.layer("RESHAPE", f"view{len(builder.tensors)}", [x], reshape.Attributes(shape))


def test_a_one_dimensional_convolution_takes_what_follows_its_view() -> None:
    builder = GraphBuilder("sequence")
    y = weighted(builder, "CONV_2D", "conv", viewed(builder, builder.input("x", (1, 30, CHANNELS)), 1, 5, 6, CHANNELS))
    scale, offset = (builder.constant(f"c{k}", values((CHANNELS,), k)) for k in range(2))
    y = viewed(builder, y, 1, 15, CHANNELS)
    y = builder.layer("BATCH_NORMALIZATION", "norm", [y, scale, offset], batch_normalization.Attributes())
    y = builder.layer("RELU", "relu", [y])
    y = builder.layer("TANH", "tanh", [viewed(builder, y, 1, 3, 5, CHANNELS)])
    graph = builder.graph([y])
    sunk = check_same_bits(sink_views, graph)
    assert ops_of(sunk) == ["RESHAPE", "CONV_2D", "BATCH_NORMALIZATION", "RELU", "RESHAPE", "RESHAPE", "TANH"]
    (_, conv, _) = fuse_activation(fold_batch_norm(remove_identity(sunk))).nodes
    assert (conv.name, conv.attributes.activation) == ("conv", Activation.RELU)


@pytest.mark.parametrize("op", ["ADD", "SUB", "MUL", "DIV"])
@pytest.mark.parametrize("first", [True, False])
def test_arithmetic_by_channel(op: str, first: bool) -> None:
    builder = GraphBuilder("arithmetic")
    x = viewed(builder, image(builder), 30, CHANNELS)
    c = builder.constant("c", values((1, CHANNELS)))
    y = builder.layer(op, "y", [c, x] if first else [x, c], BinaryAttributes(NONE))
    # A quotient by x is not linear in it.
    kept = ["RESHAPE", op] if (op, first) == ("DIV", True) else [op, "RESHAPE"]
    assert ops_of(check_same_bits(sink_views, builder.graph([y]))) == kept


def test_other_channels_behind_the_view_stay_behind() -> None:
    builder = GraphBuilder("channels")
    x = viewed(builder, image(builder), 1, 15, 2 * CHANNELS)
    c = builder.constant("c", values((2 * CHANNELS,)))
    y = builder.layer("MUL", "y", [x, c], BinaryAttributes(NONE))
    assert ops_of(check_same_bits(sink_views, builder.graph([y]))) == ["RESHAPE", "MUL"]


def test_a_view_that_others_read_stays() -> None:
    builder = GraphBuilder("branch")
    x = viewed(builder, image(builder), 30, CHANNELS)
    y = builder.layer("RELU", "y", [x])
    assert ops_of(check_same_bits(sink_views, builder.graph([y, x]))) == ["RESHAPE", "RELU"]


def test_elements_that_move_are_no_view() -> None:
    builder = GraphBuilder("moved")
    x = builder.layer("TRANSPOSE", "t", [image(builder)], transpose.Attributes((0, 2, 1, 3)))
    assert ops_of(check_same_bits(sink_views, builder.graph([builder.layer("RELU", "y", [x])]))) == [
        "TRANSPOSE",
        "RELU",
    ]


def test_a_constant_for_all_channels_passes_any_view() -> None:
    builder = GraphBuilder("scalar")
    x = viewed(builder, image(builder), 1, 120)
    y = builder.layer("MUL", "y", [x, builder.constant("c", np.array(3, np.float32))], BinaryAttributes(NONE))
    assert ops_of(check_same_bits(sink_views, builder.graph([y]))) == ["MUL", "RESHAPE"]
