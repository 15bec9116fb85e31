"""Channels that no input changes, and channels that nobody reads, go; every output stays the same in every bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from simref.builder import GraphBuilder
from simref.check import check_graph
from simref.graph import Array, Graph, Quantization
from simref.importers.tflite import import_tflite
from simref.inputs import random_inputs
from simref.interpreter import run
from simref.ops._activation import Activation
from simref.ops._convolution import ConvAttributes
from simref.ops._elementwise import Attributes as Binary
from simref.ops._pad import Attributes as Pad
from simref.ops._pool import Attributes as Pool
from simref.ops._reduce import Attributes as Reduce
from simref.ops.concatenation import Attributes as Concatenation
from simref.ops.depthwise_conv_2d import Attributes as Depthwise
from simref.ops.fully_connected import Attributes as Dense
from simref.ops.reshape import Attributes as Reshape
from simref.passes.remove_constant_channels import Removal, remove_constant_channels
from simref.passes.remove_dead import remove_dead
from tests.executions import check_executions
from tests.models_present import own_models, real_models

MODELS = {path.stem: path for path in own_models() + real_models()}
INT32_MIN = -(2**31)
NOTHING: tuple[int, ...] = ()
UNPADDED, PADDED = (0, 0, 0, 0), (1, 1, 1, 1)


def scales(scale: ArrayLike, zero_point: int = 0, axis: int | None = None) -> Quantization:
    values = np.atleast_1d(np.asarray(scale, np.float32))
    return Quantization(values, np.full(values.shape, zero_point, np.int64), axis)


class Net(GraphBuilder):
    """int8 or float32 layers with random weights. Output scales are such that few values saturate."""

    def __init__(
        self, seed: int = 0, shape: tuple[int, ...] = (1, 5, 6, 3), zero_point: int = -3, dtype: str = "int8"
    ) -> None:
        super().__init__("net")
        self.rng = np.random.default_rng(seed)
        self.dtype = dtype
        self.x = self.input("x", shape, dtype, self.quantized(0.05, zero_point))

    def quantized(self, scale: ArrayLike, zero_point: int = 0, axis: int | None = None) -> Quantization | None:
        """These scales; None for floats."""
        return scales(scale, zero_point, axis) if self.dtype == "int8" else None

    def graph(self, outputs: Sequence[int]) -> Graph:
        """Of what these outputs need."""
        return remove_dead(super().graph(outputs))

    def stored(self, shape: tuple[int, ...], dtype: str, limit: int) -> Array:
        """Integers up to that limit, or floats as wide as such integers times a typical scale."""
        if self.dtype == "float32":
            return self.rng.normal(size=shape).astype(np.float32)
        return self.rng.integers(-limit, limit + 1, shape).astype(dtype)

    def weighted(
        self, op: str, x: int, shape: tuple[int, ...], axis: int, dead: Sequence[int], attributes: Any, **options: Any
    ) -> int:
        """A layer with weights of that shape, zero in the channels `dead` of the axis."""
        weights = self.stored(shape, "int8", 90)
        np.moveaxis(weights, axis, 0)[list(dead)] = 0
        weights[..., list(options.get("unread", NOTHING))] = 0
        per_channel = self.rng.uniform(0.004, 0.02, shape[axis])
        w = self.constant(f"w{len(self.tensors)}", weights, self.quantized(per_channel, 0, axis))
        bias = options.get("bias", "new")
        if bias == "new":
            bias = self.constant(f"b{len(self.tensors)}", self.stored((shape[axis],), "int32", 3000))
        return self.layer(
            op,
            f"{op.lower()}{len(self.nodes)}",
            (x, w) if bias is None else (x, w, bias),
            attributes,
            quantization=self.quantized(0.06, int(self.rng.integers(-20, 20)) if self.rng.integers(2) else -128),
        )

    def conv(
        self,
        x: int,
        outputs: int,
        dead: Sequence[int] = NOTHING,
        *,
        kernel: int = 1,
        pads: Any = UNPADDED,
        **options: Any,
    ) -> int:
        attributes = ConvAttributes((1, 1), (1, 1), pads, options.pop("activation", Activation.RELU))
        depth = options.pop("depth", self.shape(x)[3])
        return self.weighted("CONV_2D", x, (outputs, kernel, kernel, depth), 0, dead, attributes, **options)

    def depthwise(
        self, x: int, dead: Sequence[int] = NOTHING, *, pads: Any = UNPADDED, multiplier: int = 1, **options: Any
    ) -> int:
        attributes = Depthwise((1, 1), (1, 1), pads, multiplier, Activation.RELU)
        shape = (1, 3, 3, self.shape(x)[3] * multiplier)
        return self.weighted("DEPTHWISE_CONV_2D", x, shape, 3, dead, attributes, **options)

    def dense(self, x: int, outputs: int, dead: Sequence[int] = NOTHING, **options: Any) -> int:
        depth = options.pop("depth", self.shape(x)[-1])
        attributes = Dense(False, Activation.NONE)
        return self.weighted("FULLY_CONNECTED", x, (outputs, depth), 0, dead, attributes, **options)

    def same(self, op: str, x: int, attributes: Any = None) -> int:
        """A layer whose output has the input's quantization."""
        return self.layer(
            op, f"{op.lower()}{len(self.nodes)}", (x,), attributes, quantization=self.tensors[x].quantization
        )

    def flat(self, x: int) -> int:
        return self.same("RESHAPE", x, Reshape((1, self.tensors[x].elements)))

    def mean(self, x: int) -> int:
        return self.same("MEAN", x, Reduce((1, 2), False))

    def pool(self, op: str, x: int, pads: Any = UNPADDED) -> int:
        return self.same(op, x, Pool((2, 2), (1, 1), pads, Activation.NONE))

    def add(self, a: int, b: int, op: str = "ADD") -> int:
        return self.layer(
            op, f"{op.lower()}{len(self.nodes)}", (a, b), Binary(Activation.NONE), quantization=self.quantized(0.1, 3)
        )

    def keep(self, x: int, *values: float) -> None:
        """Set the biases of the layer that writes x, whose weights' zero channels then hold these constants."""
        node = next(node for node in self.nodes if x in node.outputs)
        weights, bias = (self.tensors[index] for index in node.inputs[1:] if index is not None)
        assert bias.data is not None
        if weights.quantization is None:
            bias.data[: len(values)] = values
            return
        output, source = self.tensors[x], self.tensors[node.inputs[0] or 0]
        factor = source.scale * weights.quantization.scale / output.scale
        bias.data[: len(values)] = np.round((np.array(values) - output.zero_point) / factor[: len(values)])


def checked(graph: Graph, samples: int = 5) -> tuple[Graph, tuple[Removal, ...]]:
    """The pruned graph, which obeys all rules, computes the same, and is what the report says."""
    check_graph(graph)
    pruned, rows = remove_constant_channels(graph)
    check_graph(pruned)
    inputs = list(random_inputs(graph, samples, seed=7).arrays.values())
    for fused in (True, False) if graph.computes_floats else (True,):
        results = (run(g, inputs, fused=fused) for g in (graph, pruned))
        for before, after in zip(*results, strict=True):
            assert after.shape == before.shape
            assert after.tobytes() == before.tobytes()
    for row in rows:
        assert row.outputs[0] - row.outputs[1] == row.constant + row.unread
        assert row.macc[1] < row.macc[0]
    return pruned, rows


def left(graph: Graph) -> list[int]:
    """The channels of each layer's output in the pruned graph."""
    return [layer.output.shape[-1] for layer in checked(graph)[0].layers]


@st.composite
def networks(draw: st.DrawFn) -> Graph:
    net = Net(draw(st.integers(0, 2**32 - 1)), (1, 6, 7, 3), draw(st.integers(-128, 127)))
    dead = st.lists(st.integers(0, 3), max_size=4)
    pads = st.sampled_from([UNPADDED, PADDED, (0, 1, 0, 1)])
    x = net.conv(net.x, 4, draw(dead), kernel=draw(st.sampled_from([1, 3])), pads=draw(pads))
    x = net.depthwise(x, draw(dead), pads=draw(pads), multiplier=draw(st.sampled_from([1, 2])))
    if draw(st.booleans()):
        x = net.same("RELU", x)
    y = net.conv(x, 4, draw(dead), unread=draw(dead), kernel=draw(st.sampled_from([1, 3])), pads=PADDED)
    y = net.pool(draw(st.sampled_from(["AVERAGE_POOL_2D", "MAX_POOL_2D"])), y, draw(pads))
    if draw(st.booleans()):
        y = net.add(y, net.conv(y, 4, draw(dead), unread=draw(dead), bias=None), draw(st.sampled_from(["ADD", "MUL"])))
    y = net.flat(y) if draw(st.booleans()) else net.mean(y)
    y = net.dense(net.dense(y, 4, draw(dead)), 4, draw(dead), unread=draw(dead))
    return net.graph([y] if draw(st.booleans()) else [y, x])


@st.composite
def float_networks(draw: st.DrawFn) -> Graph:
    net = Net(draw(st.integers(0, 2**32 - 1)), dtype="float32")
    dead = st.lists(st.integers(0, 3), max_size=4)
    x = net.conv(net.x, 4, draw(dead), kernel=3, pads=PADDED)
    if draw(st.booleans()):
        net.keep(x, *draw(st.lists(st.sampled_from([-1.0, -0.0, 0.0]), min_size=4, max_size=4)))
    y = net.conv(x, 4, draw(dead), unread=draw(dead), kernel=3, pads=PADDED)
    if draw(st.booleans()):
        y = net.add(y, net.conv(y, 4, draw(dead), unread=draw(dead), bias=None))
    y = net.flat(y) if draw(st.booleans()) else net.mean(y)
    y = net.dense(net.dense(y, 4, draw(dead)), 4, draw(dead), unread=draw(dead))
    return net.graph([y] if draw(st.booleans()) else [y, x])


@given(float_networks())
@settings(max_examples=100, deadline=None)
def test_float_outputs_stay_the_same_in_every_bit(graph: Graph) -> None:
    checked(graph)


def test_only_zeros_go_before_sums_of_floats() -> None:
    for value, expected in ((-1.0, 3), (0.0, 3), (0.5, 4)):
        net = Net(dtype="float32")
        x = net.conv(net.x, 4, [0])
        net.keep(x, value)
        assert left(net.graph([net.conv(x, 3, kernel=3, pads=PADDED)])) == [expected, 3]
    net = Net(dtype="float32")
    assert left(net.graph([net.conv(net.conv(net.x, 4), 3, unread=[1])])) == [3, 3]


@given(networks())
@settings(max_examples=100, deadline=None)
def test_outputs_stay_the_same(graph: Graph) -> None:
    checked(graph)


@given(networks())
@settings(max_examples=3, deadline=None)
def test_all_executions_of_the_pruned_network_agree(graph: Graph) -> None:
    pruned, _ = remove_constant_channels(graph)
    inputs = np.random.default_rng(0).integers(-128, 128, (2, *graph.tensors[0].shape)).astype(np.int8)
    check_executions(pruned, [inputs], cores=["cm4"])


def test_a_constant_moves_into_the_next_bias() -> None:
    net = Net()
    x = net.conv(net.x, 4, [0, 2])
    net.keep(x, 90, 0, 40)
    graph = net.graph([net.conv(x, 3)])
    pruned, (first, second) = checked(graph)
    assert left(graph) == [2, 3]
    assert first == Removal(
        'layer 0 CONV_2D "conv_2d0"', (3, 3), (4, 2), constant=2, unread=0, macc=(4 * 3 * 30 + 4, 2 * 3 * 30 + 2)
    )
    assert (second.inputs, second.outputs) == ((4, 2), (3, 3))
    assert (pruned.layers[1].constant(2) != graph.layers[1].constant(2)).all()
    assert pruned.layers[0].input(1).quantization.scale.shape == (2,)  # type: ignore[union-attr]


def test_a_bias_is_made_where_there_was_none() -> None:
    net = Net()
    x = net.conv(net.x, 4, [0])
    net.keep(x, 90)
    pruned, _ = checked(net.graph([net.conv(x, 3, bias=None)]))
    assert pruned.layers[1].input(2).shape == (3,)


@pytest.mark.parametrize("extreme", [INT32_MIN, -INT32_MIN - 1])
def test_biases_wrap_as_sums_do(extreme: int) -> None:
    net = Net()
    x = net.conv(net.x, 4, [0])
    net.keep(x, 90)
    bias = net.constant("extreme", np.full(6, extreme, np.int32))
    assert left(net.graph([net.conv(x, 6, bias=bias)])) == [3, 6]


def test_a_constant_other_than_the_padding_stays_before_a_padded_layer() -> None:
    """Unless the layer has no weights for it, or clamps the border to the same value."""
    for value, unread, expected in ((90, NOTHING, 4), (None, NOTHING, 3), (90, (0,), 3)):
        net = Net()
        x = net.conv(net.x, 4, [0])
        net.keep(x, net.tensors[x].zero_point if value is None else value)
        assert left(net.graph([net.conv(x, 3, kernel=3, pads=PADDED, unread=unread)])) == [expected, 3]


def test_constants_pass_through_depthwise_layers() -> None:
    for value, pads, expected in ((90, UNPADDED, 3), (90, PADDED, 4), (None, PADDED, 3)):
        net = Net(3)
        x = net.conv(net.x, 4, [0])
        net.keep(x, net.tensors[x].zero_point if value is None else value)
        y = net.depthwise(x, pads=pads, multiplier=2)
        assert left(net.graph([net.conv(y, 3)])) == [expected, 2 * expected, 3]


def test_what_varies_at_the_border_still_has_one_mean() -> None:
    net = Net(3)
    x = net.conv(net.x, 4, [0])
    net.keep(x, 90)
    y = net.depthwise(x, pads=PADDED)
    assert left(net.graph([net.dense(net.mean(y), 2)])) == [3, 3, 3, 2]
    assert left(net.graph([net.dense(net.flat(y), 2)])) == [3, 3, 3 * 30, 2]


def test_a_depthwise_channel_without_weights_takes_its_input_along() -> None:
    net = Net()
    y = net.depthwise(net.conv(net.x, 4), [1, 2])
    _, (conv, depthwise, _) = checked(net.graph([net.conv(y, 3)]))
    assert (conv.constant, conv.unread) == (0, 2)
    assert (depthwise.constant, depthwise.unread) == (2, 0)


def test_what_only_fed_removed_channels_goes_too() -> None:
    net = Net()
    x = net.conv(net.x, 4)
    y = net.conv(x, 4)
    weights = net.tensors[net.nodes[-1].inputs[1] or 0].data
    assert weights is not None
    weights[1:, :, :, 3] = 0
    assert left(net.graph([net.conv(y, 3, unread=[0])])) == [3, 3, 3]
    assert left(net.graph([net.conv(y, 3)])) == [4, 4, 3]


def test_one_channel_is_always_left() -> None:
    net = Net()
    assert left(net.graph([net.conv(net.conv(net.x, 4, range(4)), 3)])) == [1, 3]


@pytest.mark.parametrize("op", ["ADD", "MUL"])
def test_both_sides_of_an_addition_must_agree(op: str) -> None:
    net = Net()
    a, b = net.conv(net.x, 4, [0, 1]), net.conv(net.x, 4, [1, 2])
    y = net.add(a, b, op)
    assert left(net.graph([net.conv(y, 3)])) == [3, 3, 3, 3]
    assert left(net.graph([net.conv(y, 3, unread=[3])])) == [2, 2, 2, 3]


@pytest.mark.parametrize("channels", [1, 4])
def test_stored_operands_lose_channels_too(channels: int) -> None:
    net = Net()
    x = net.conv(net.x, 4, [0])
    stored = net.constant("c", net.rng.integers(-99, 99, channels).astype(np.int8), scales(0.03))
    pruned, _ = checked(net.graph([net.conv(net.add(x, stored), 3)]))
    assert [pruned.layers[1].output.shape[3], pruned.layers[1].input(1).shape] == [3, (min(channels, 3),)]


def test_concatenated_channels_keep_their_places() -> None:
    net = Net()
    a, b = net.conv(net.x, 4, [0, 3]), net.conv(net.x, 2, [1])
    for x in (a, b):
        net.tensors[x] = net.tensors[x].__class__(**{**vars(net.tensors[x]), "quantization": scales(0.06, -128)})
    joined = net.layer("CONCATENATION", "joined", (a, b, a), Concatenation(3), quantization=scales(0.06, -128))
    assert left(net.graph([net.conv(joined, 3)])) == [2, 1, 5, 3]


@pytest.mark.parametrize(("border", "expected"), [((0, 0), [3, 3, 3]), ((0, 1), [4, 5, 3])])
def test_padding_around_pixels_but_not_of_channels(border: tuple[int, int], expected: list[int]) -> None:
    net = Net()
    x = net.conv(net.x, 4, [0])
    zero_point = net.tensors[x].zero_point
    net.keep(x, zero_point)
    padded = net.same("PAD", x, Pad(((0, 0), (1, 1), (0, 2), border), zero_point))
    assert left(net.graph([net.conv(padded, 3, kernel=3)])) == expected


def test_a_dense_layer_flattens_its_input_itself() -> None:
    net = Net()
    x = net.conv(net.x, 4, [0])
    net.keep(x, 90)
    assert left(net.graph([net.dense(x, 2, depth=4 * 30)])) == [3, 2]


def test_a_dense_layer_whose_rows_split_the_channels_keeps_them() -> None:
    net = Net()
    stays(net, [net.dense(net.conv(net.x, 4, [0]), 2, depth=2)])


def stays(net: Net, outputs: Sequence[int]) -> None:
    graph = net.graph(outputs)
    pruned, rows = checked(graph)
    assert rows == ()
    assert [t.shape for t in pruned.tensors] == [t.shape for t in graph.tensors]


def test_outputs_of_the_graph_keep_their_channels() -> None:
    net = Net()
    x = net.conv(net.x, 4, [0])
    stays(net, [x, net.conv(x, 3)])


def test_shared_weights_stay() -> None:
    net = Net(shape=(1, 5, 5, 4))
    x = net.conv(net.x, 4, [0])
    first = net.nodes[0]
    y = net.layer("CONV_2D", "again", (x, *first.inputs[1:]), first.attributes, quantization=scales(0.06))
    stays(net, [net.conv(y, 3, unread=[1])])


def test_groups_stay() -> None:
    net = Net(shape=(1, 5, 5, 4))
    x = net.conv(net.x, 4, [0])
    stays(net, [net.conv(x, 4, depth=2)])
    net = Net(shape=(1, 5, 5, 4))
    stays(net, [net.conv(net.conv(net.x, 4, [0], depth=2), 3)])


def test_a_mean_over_channels_needs_them_all() -> None:
    net = Net()
    x = net.conv(net.x, 4, [0])
    stays(net, [net.conv(net.same("MEAN", x, Reduce((3,), True)), 3)])


def test_layers_that_mix_channels_keep_them() -> None:
    net = Net()
    x = net.dense(net.mean(net.conv(net.x, 4)), 4, [0])
    soft = net.layer("SOFTMAX", "soft", (x,), softmax(), quantization=scales(1 / 256, -128))
    stays(net, [soft])


def softmax() -> Any:
    from simref.ops.softmax import Attributes

    return Attributes(1.0)


@pytest.mark.parametrize("name", MODELS)
def test_real_networks_compute_the_same(name: str) -> None:
    graph = import_tflite(MODELS[name].read_bytes(), name)
    _, rows = checked(graph)
    if name == "vww_96_int8":
        convolutions = [row for row in rows if "DEPTHWISE" not in row.layer]
        assert sum(row.constant for row in convolutions) == 971
        assert sum(row.macc[0] - row.macc[1] for row in rows) == 3_758_307


def test_nothing_is_computed_where_nothing_is_constant(monkeypatch: pytest.MonkeyPatch) -> None:
    net = Net()
    graph = net.graph([net.conv(net.conv(net.x, 4), 3)])

    def fail(name: str) -> Any:
        raise AssertionError(f"{name} computed")

    monkeypatch.setattr("simref.passes.remove_constant_channels.operator", fail)
    pruned, rows = remove_constant_channels(graph)
    assert rows == ()
    assert pruned is graph
