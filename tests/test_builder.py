from __future__ import annotations

import numpy as np
import pytest

from simref.builder import GraphBuilder
from simref.errors import ModelError, UnsupportedError
from simref.interpreter import run
from simref.ops.split import Attributes as Split
from simref.ops.transpose import Attributes as Transpose


def test_shapes_and_dtypes_are_those_of_the_operators() -> None:
    builder = GraphBuilder("net")
    x = builder.input("x", (1, 2, 3))
    turned = builder.layer("TRANSPOSE", "turned", [x], Transpose((0, 2, 1)))
    index = builder.layer("EQUAL", "same", [turned, builder.constant("one", np.ones(2, np.float32))], dtype="bool")
    graph = builder.graph([turned, index])
    assert builder.shape(turned) == (1, 3, 2)
    assert [t.dtype.name for t in (graph.tensors[turned], graph.tensors[index])] == ["float32", "bool"]
    values = np.arange(6, dtype=np.float32).reshape(1, 1, 2, 3)
    first, second = run(graph, values)
    np.testing.assert_array_equal(first[0, 0], values[0, 0].T)
    np.testing.assert_array_equal(second[0, 0], values[0, 0].T == 1)


def test_several_outputs_are_named_by_their_position() -> None:
    builder = GraphBuilder("net")
    parts = builder.layers("SPLIT", "parts", [builder.input("x", (1, 6))], Split(1, 3), outputs=3)
    assert [builder.tensors[part].name for part in parts] == ["parts", "parts:1", "parts:2"]
    assert {builder.shape(part) for part in parts} == {(1, 2)}
    with pytest.raises(ModelError, match="has 2 outputs, must have 3"):
        builder.layers("SPLIT", "parts", [0], Split(1, 3), outputs=2)


def test_a_broken_rule_names_the_layer_and_the_way_out() -> None:
    builder = GraphBuilder("net")
    text = builder.input("x", (1, 2), "float16")
    with pytest.raises(UnsupportedError, match=r'layer 0 RELU "r": input 0 is float16, must be .*supported-ops RELU'):
        builder.layer("RELU", "r", [text])


def test_constants_do_not_follow_their_source() -> None:
    builder = GraphBuilder("net")
    source = np.zeros(3, np.float32)
    index = builder.constant("c", source)
    source[:] = 1
    data = builder.tensors[index].data
    assert data is not None
    assert not data.any()
