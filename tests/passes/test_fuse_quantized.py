from __future__ import annotations

import numpy as np
import pytest

from simref.builder import GraphBuilder
from simref.graph import Graph, Quantization, Shape
from simref.interpreter import run
from simref.ops import fully_connected
from simref.ops._elementwise import Attributes as Binary
from simref.ops._pad import Attributes as Pad
from simref.ops._pool import Attributes as Pool
from simref.ops.transpose import Attributes as Transpose
from simref.passes.fuse_quantized import fuse_quantized
from tests.passes.rewrites import NONE, ops_of, values


def per_tensor(scale: float, zero_point: int) -> Quantization:
    return Quantization(np.array([scale], np.float32), np.array([zero_point], np.int64))


class Network:
    """Layers between quantized tensors."""

    def __init__(self) -> None:
        self.builder = GraphBuilder("quantized")
        self.stored: dict[int, Quantization] = {}

    def source(self, name: str, shape: Shape, scale: float = 0.05, zero_point: int = -3) -> int:
        """The reals of an int8 input."""
        x = self.builder.input(name, shape, "int8", per_tensor(scale, zero_point))
        return self.builder.layer("DEQUANTIZE", f"{name}/real", [x], dtype="float32")

    def weights(self, name: str, *shape: int) -> int:
        integers = np.rint(values(shape) * 40).clip(-127, 127)
        index = self.builder.constant(name, (integers * np.float32(0.01)).astype(np.float32))
        self.stored[index] = per_tensor(0.01, 0)
        return index

    def quantized(self, x: int, scale: float = 0.1, zero_point: int = 4) -> int:
        name = f"q{len(self.builder.nodes)}"
        return self.builder.layer("QUANTIZE", name, [x], dtype="int8", quantization=per_tensor(scale, zero_point))

    def fused(self, *outputs: int, off: int = 1) -> Graph:
        """The graph, whose int8 outputs are those of the float layers or one step beside them."""
        graph = self.builder.graph(outputs)
        found = fuse_quantized(graph, self.stored)
        inputs = [np.arange(-60, 60, dtype=np.int8)[: graph.tensors[i].elements] for i in graph.inputs]
        shaped = [x.reshape(graph.tensors[i].shape) for x, i in zip(inputs, graph.inputs, strict=True)]
        for before, after in zip(run(graph, shaped), run(found, shaped), strict=True):
            assert np.abs(before.astype(int) - after.astype(int)).max() <= off
        assert fuse_quantized(found, {}).nodes == found.nodes
        return found


def test_a_dense_layer_and_its_clamp_are_one_integer_layer() -> None:
    n = Network()
    x = n.source("x", (1, 6))
    bias = n.builder.constant("b", values((4,)))
    dense = n.builder.layer(
        "FULLY_CONNECTED", "dense", [x, n.weights("w", 4, 6), bias], fully_connected.Attributes(True, NONE)
    )
    graph = n.fused(n.quantized(n.builder.layer("RELU", "relu", [dense])))
    (layer,) = graph.layers
    assert (layer.op, layer.name, layer.attributes.activation.name) == ("FULLY_CONNECTED", "dense", "RELU")
    expected = np.rint(values((4,)) / (np.float32(0.05) * np.float32(0.01)))
    np.testing.assert_array_equal(layer.constant(2), expected.astype(np.int32))


def test_weights_that_are_not_stored_as_integers_stay_floats() -> None:
    n = Network()
    x, weights = n.source("x", (1, 6)), n.builder.constant("w", values((4, 6)))
    dense = n.builder.layer("FULLY_CONNECTED", "dense", [x, weights, None], fully_connected.Attributes(True, NONE))
    graph = n.fused(n.quantized(dense), off=0)
    assert ops_of(graph) == ["DEQUANTIZE", "FULLY_CONNECTED", "QUANTIZE"]
    assert graph.notes == (
        'layer FULLY_CONNECTED "dense" computes in float32, because as int8 its constant "w" is not quantized',
    )


def test_movement_takes_the_integers_along() -> None:
    n = Network()
    moved = n.builder.layer("TRANSPOSE", "t", [n.source("x", (1, 3, 4))], Transpose((0, 2, 1)))
    graph = n.fused(n.quantized(moved, 0.05, -3), n.quantized(moved), off=1)
    assert ops_of(graph) == ["TRANSPOSE", "QUANTIZE"]
    assert [graph.tensors[index].name for index in graph.outputs] == ["q2", "q3"]


@pytest.mark.parametrize(("value", "ops"), [(0.0, ["PAD"]), (0.5, ["PAD"]), (0.51, ["DEQUANTIZE", "PAD", "QUANTIZE"])])
def test_a_border_must_be_a_value_of_the_integers(value: float, ops: list[str]) -> None:
    n = Network()
    border = Pad(((0, 0), (1, 2)), float(np.float32(0.05) * np.float32(10)) if value == 0.5 else value)
    graph = n.fused(n.quantized(n.builder.layer("PAD", "p", [n.source("x", (2, 4))], border), 0.05, -3), off=0)
    assert ops_of(graph) == ops


def test_a_clamp_of_what_cannot_be_outside_is_dropped() -> None:
    n = Network()
    x = n.source("x", (2, 4), 0.02, -128)
    graph = n.fused(n.quantized(n.builder.layer("RELU6", "r", [x])))
    assert ops_of(graph) == ["QUANTIZE"]


def test_one_scale_on_both_sides_where_the_operator_needs_it() -> None:
    n = Network()
    pool = Pool((2, 2), (2, 2), (0, 0, 0, 0), NONE)
    x = n.source("x", (1, 4, 4, 2))
    graph = n.fused(n.quantized(n.builder.layer("AVERAGE_POOL_2D", "p", [x], pool)))
    assert ops_of(graph) == ["AVERAGE_POOL_2D", "QUANTIZE"]


def test_operands_come_to_the_scale_of_the_result() -> None:
    n = Network()
    a, b = n.source("a", (2, 4)), n.source("b", (2, 4), 0.1, 4)
    graph = n.fused(n.quantized(n.builder.layer("MAXIMUM", "m", [a, b])))
    assert ops_of(graph) == ["QUANTIZE", "MAXIMUM"]


def test_a_layer_without_an_integer_form_is_noted_and_its_operand_stays() -> None:
    n = Network()
    exponential = n.builder.layer("EXP", "e", [n.source("x", (2, 4))])
    graph = n.fused(n.quantized(exponential), off=0)
    assert ops_of(graph) == ["DEQUANTIZE", "EXP", "QUANTIZE"]
    assert "EXP" in graph.notes[0]


def test_floats_that_were_never_integers_stay() -> None:
    n = Network()
    x = n.builder.input("x", (2, 4))
    y = n.builder.layer("ADD", "a", [x, n.source("z", (2, 4))], Binary(NONE))
    graph = fuse_quantized(n.builder.graph([n.quantized(x), n.quantized(y)]), {})
    assert ops_of(graph) == ["DEQUANTIZE", "ADD", "QUANTIZE", "QUANTIZE"]
    assert graph.notes == ('layer ADD "a" computes in float32, because as int8 its input "x" is not quantized',)
