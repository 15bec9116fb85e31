from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.builder import GraphBuilder
from simref.graph import Quantization
from simref.ops import concatenation, expand_dims, reshape, squeeze, tile, transpose
from simref.ops import slice as slice_op
from simref.ops._pad import Attributes as PadAttributes
from simref.ops.clip import Attributes as Clip
from simref.passes.remove_identity import remove_identity
from tests.passes.rewrites import check_same_bits, ops_of

SHAPE = (2, 3, 4)


def tanh(builder: GraphBuilder, x: int, name: str = "tanh") -> int:
    return builder.layer("TANH", name, [x])


@pytest.mark.parametrize(
    ("op", "attributes"),
    [
        ("RESHAPE", reshape.Attributes(SHAPE)),
        ("TRANSPOSE", transpose.Attributes((0, 1, 2))),
        ("PAD", PadAttributes(((0, 0),) * 3, 0.0)),
        ("SLICE", slice_op.Attributes((0, 0, 0), SHAPE)),
        ("TILE", tile.Attributes((1, 1, 1))),
        ("CONCATENATION", concatenation.Attributes(1)),
        ("CLIP", Clip(-math.inf, math.inf)),
        ("CAST", None),
    ],
)
def test_what_changes_nothing_goes_wherever_it_stands(op: str, attributes: object) -> None:
    builder = GraphBuilder("identities")
    x = builder.layer(op, "first", [builder.input("x", SHAPE)], attributes)
    y = builder.layer(op, "middle", [tanh(builder, x)], attributes)
    z = builder.layer(op, "last", [tanh(builder, y, "again")], attributes)
    found = check_same_bits(remove_identity, builder.graph([z]))
    assert [node.name for node in found.nodes] == ["tanh", "again"]
    assert found.tensors[found.outputs[0]].name == "last"


def test_an_output_stays_the_work_of_a_layer() -> None:
    builder = GraphBuilder("outputs")
    x = builder.input("x", SHAPE)
    y = tanh(builder, x)
    outputs = [builder.layer("RESHAPE", f"copy{k}", [t], reshape.Attributes(SHAPE)) for k, t in enumerate((x, y, y))]
    assert ops_of(check_same_bits(remove_identity, builder.graph([*outputs, y]))) == ["TANH", *["RESHAPE"] * 3]
    # Of two names for one tensor, the tensor takes one.
    assert ops_of(check_same_bits(remove_identity, builder.graph(outputs))) == ["TANH", *["RESHAPE"] * 2]


@given(st.lists(st.permutations(range(3)), min_size=1, max_size=3))
@settings(max_examples=30, deadline=None)
def test_transposes_in_a_row_become_one_or_none(orders: list[list[int]]) -> None:
    builder = GraphBuilder("transposes")
    y = builder.input("x", SHAPE)
    for k, order in enumerate(orders):
        y = builder.layer("TRANSPOSE", f"t{k}", [y], transpose.Attributes(tuple(order)))
    found = check_same_bits(remove_identity, builder.graph([tanh(builder, y)]))
    total = np.empty(SHAPE)
    for order in orders:
        total = total.transpose(order)
    assert ops_of(found) == (["TANH"] if total.shape == SHAPE else ["TRANSPOSE", "TANH"])


def test_views_in_a_row_become_one_or_none() -> None:
    builder = GraphBuilder("views")
    x = builder.input("x", (1, 3, 4))
    y = builder.layer("RESHAPE", "flat", [x], reshape.Attributes((1, 12)))
    y = builder.layer("EXPAND_DIMS", "wide", [y], expand_dims.Attributes(1))
    y = builder.layer("TRANSPOSE", "turned", [y], transpose.Attributes((1, 0, 2)))
    one = builder.layer("SQUEEZE", "vector", [y], squeeze.Attributes((0, 1)))
    none = builder.layer("RESHAPE", "again", [one], reshape.Attributes((1, 3, 4)))
    found = check_same_bits(remove_identity, builder.graph([tanh(builder, one, "a"), tanh(builder, none, "b")]))
    assert ops_of(found) == ["RESHAPE", "TANH", "TANH"]
    assert found.nodes[0].name == "vector"


def test_a_view_that_others_read_stays_for_them() -> None:
    builder = GraphBuilder("branch")
    x = builder.input("x", SHAPE)
    flat = builder.layer("RESHAPE", "flat", [x], reshape.Attributes((24,)))
    back = builder.layer("RESHAPE", "back", [flat], reshape.Attributes((4, 6)))
    found = check_same_bits(remove_identity, builder.graph([tanh(builder, flat, "a"), tanh(builder, back, "b")]))
    assert [node.inputs for node in found.nodes if node.op == "RESHAPE"] == [found.inputs, found.inputs]


def test_another_scale_is_no_identity() -> None:
    one, two = (Quantization(np.array([s], np.float32), np.zeros(1, np.int64)) for s in (0.5, 0.25))
    builder = GraphBuilder("quantized")
    x = builder.input("x", SHAPE, "int8", one)
    y = builder.layer("QUANTIZE", "rescaled", [x], quantization=two)
    found = check_same_bits(remove_identity, builder.graph([y]))
    assert ops_of(found) == ["QUANTIZE"]
