"""Which weights are compressed, to what, and what is said of those that are not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from simref.compress import LEVELS, Plan, cluster, compress, read_plan
from simref.errors import UnsupportedError, UsageError
from simref.graph import Array, Graph, Node, Tensor

FLOATS = st.floats(-1e6, 1e6, width=32)


@given(arrays(np.float32, array_shapes(min_dims=2, max_dims=4, min_side=1, max_side=9), elements=FLOATS), st.data())
@settings(max_examples=100, deadline=None)
def test_each_weight_takes_the_nearest_value(weights: Array, data: st.DataObject) -> None:
    axis = data.draw(st.integers(0, weights.ndim - 1))
    per_channel = data.draw(st.booleans())
    found = cluster(weights, 16, axis=axis, per_channel=per_channel)
    groups = np.moveaxis(weights, axis, 0).reshape(weights.shape[axis] if per_channel else 1, -1).astype(np.float64)
    decoded = np.moveaxis(found.decode(), axis, 0).reshape(groups.shape)
    nearest = np.abs(groups[..., np.newaxis] - found.values[:, np.newaxis].astype(np.float64)).min(axis=2)
    # Means are rounded to float32, so that a value half way between two may be nearer to the other by that rounding.
    slack = np.abs(groups).max(initial=0) * 2.0**-22
    assert (np.abs(decoded - groups) <= nearest + slack).all()
    assert (np.diff(found.values, axis=1) >= 0).all()


@given(arrays(np.float32, (5, 40), elements=st.integers(-8, 7).map(lambda k: k / 8)), st.booleans())
@settings(deadline=None)
def test_few_distinct_values_lose_nothing(weights: Array, per_channel: bool) -> None:
    np.testing.assert_array_equal(cluster(weights, 16, per_channel=per_channel).decode(), weights)


def test_repeats() -> None:
    weights = np.random.default_rng(0).normal(size=(10, 300)).astype(np.float32)
    first, second = cluster(weights, 256), cluster(weights, 256)
    np.testing.assert_array_equal(first.values, second.values)
    np.testing.assert_array_equal(first.indices, second.indices)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_refuses_what_is_not_finite(bad: float) -> None:
    with pytest.raises(ValueError, match="NaN or infinity"):
        cluster(np.array([[1.0, bad]], np.float32), 16)


SHAPES = {
    "conv": ("CONV_2D", (16, 3, 3, 64)),
    "depthwise": ("DEPTHWISE_CONV_2D", (1, 32, 32, 16)),
    "dense_1": ("FULLY_CONNECTED", (64, 256)),
    "dense_2": ("FULLY_CONNECTED", (12, 144)),
    "softmax": ("SOFTMAX", ()),
}


def network(shapes: Mapping[str, tuple[str, tuple[int, ...]]] = SHAPES, *, shared: bool = False) -> Graph:
    """Layers with these weights; only names, shapes and dtypes matter here. shared: the first weights serve all."""
    rng = np.random.default_rng(0)
    tensors = [Tensor("x", (1,), np.dtype(np.float32))]
    nodes: list[Node] = []
    for name, (op, shape) in shapes.items():
        inputs: tuple[int, ...] = (0,)
        if shape and shared and nodes:
            inputs = (0, nodes[0].inputs[1] or 0)
        elif shape:
            data = rng.normal(size=shape).astype(np.float32)
            inputs = (0, len(tensors))
            tensors.append(Tensor(f"{name}/w", shape, data.dtype, data=data))
        tensors.append(Tensor(f"{name}/y", (1,), np.dtype(np.float32)))
        nodes.append(Node(op, name, inputs, (len(tensors) - 1,)))
    return Graph("n", tuple(tensors), tuple(nodes), (0,), (len(tensors) - 1,))


def bits(graph: Graph, plan: Plan) -> dict[str, int | None]:
    """Bits of an index by the name of the weights that were asked for."""
    compressed, outcomes = compress(graph, plan)
    found: dict[str, int | None] = {}
    for tensor in compressed.tensors:
        if tensor.codebook is not None and tensor.data is not None:
            np.testing.assert_array_equal(tensor.data, tensor.codebook.decode())
            found[tensor.name] = tensor.codebook.bits
    assert found == {outcome.tensor: outcome.bits for outcome in outcomes if outcome.bits}
    return {outcome.tensor: outcome.bits for outcome in outcomes}


EXPECTED: dict[str, dict[str, int | None]] = {
    "none": {},
    "lossless": {},
    "low": {"dense_1/w": 8, "dense_2/w": None},
    "4": {"dense_1/w": 8, "dense_2/w": None},
    "medium": {"dense_1/w": 4, "dense_2/w": 4},
    "high": {"dense_1/w": 4, "dense_2/w": 4},
    "8": {"dense_1/w": 4, "dense_2/w": 4},
}


@pytest.mark.parametrize("level", LEVELS)
def test_levels(level: str) -> None:
    assert bits(network(), read_plan(level)) == EXPECTED[level]


def test_says_what_became_of_each() -> None:
    graph = network()
    compressed, outcomes = compress(graph, Plan("low"))
    dense, small = outcomes
    assert small.reason == "its weights would shrink 2.5 times, must shrink 3 times or more"
    assert (small.items, small.nbytes, small.stored) == (1728, 6912, 6912)
    assert dense.layers == ('layer 2 FULLY_CONNECTED "dense_1"',)
    assert (dense.items, dense.nbytes, dense.stored) == (16_384, 65_536, 17_408)
    lost = np.abs(compressed.layers[2].constant(1).astype(np.float64) - graph.layers[2].constant(1))
    assert dense.mean_squared_error == pytest.approx((lost**2).mean())
    assert dense.worst_error == lost.max() > 0
    assert compressed.layers[0].input(1) is graph.layers[0].input(1)
    _, (named, *_) = compress(graph, Plan("low", {"conv": "low"}))
    assert named.reason is not None
    assert named.reason.startswith('layer 0 CONV_2D "conv" reads them, only weights of FULLY_CONNECTED')


def test_stores_the_bytes_that_the_vendors_manual_states() -> None:
    """Its dense network with low compression: 123,792 B, biases included, 333,024 less than as floats."""
    shapes = [(144, 490), (144, 144), (144, 144), (12, 144)]
    _, outcomes = compress(network({f"dense_{k}": ("FULLY_CONNECTED", s) for k, s in enumerate(shapes)}), Plan("low"))
    biases = sum(4 * outputs for outputs, _ in shapes)
    assert sum(outcome.stored for outcome in outcomes) + biases == 123_792
    assert sum(outcome.nbytes - outcome.stored for outcome in outcomes) == 333_024


def test_other_operators_and_channels() -> None:
    plan = read_plan("high", ops=("CONV_2D", "DEPTHWISE_CONV_2D"))
    assert bits(network(), plan) == {"conv/w": 4, "depthwise/w": 4}
    compressed, (conv, depthwise) = compress(network(), Plan("high", ops=plan.ops, per_channel=True))
    books = [layer.input(1).codebook for layer in compressed.layers[:2]]
    assert [book.groups for book in books if book is not None] == [16, 16]
    assert [conv.stored, depthwise.stored] == [16 * 64 + 9216 // 2, 16 * 64 + 16_384 // 2]
    _, (dense, _) = compress(network(), Plan("low", per_channel=True))
    assert dense.reason == "its weights would shrink 0.8 times, must shrink 3 times or more"


def test_shared_weights_are_compressed_once_if_all_agree() -> None:
    dense = ("FULLY_CONNECTED", (64, 256))
    alike = {"a": dense, "b": dense}
    graph = network(alike, shared=True)
    compressed, (outcome,) = compress(graph, Plan("high"))
    assert len(outcome.layers) == 2
    assert compressed.layers[0].input(1) is compressed.layers[1].input(1)
    _, (outcome,) = compress(graph, Plan("high", {"b": "low"}))
    assert outcome.reason == "the layers that read them ask for different levels"
    _, (outcome,) = compress(graph, Plan("none", {"b": "low"}))
    assert outcome.reason == "the layers that read them ask for different levels"
    unlike = network({**alike, "b": ("MUL", (64, 256))}, shared=True)
    _, (outcome,) = compress(unlike, Plan("high"))
    assert (
        outcome.reason
        == 'layer 1 MUL "b" reads them, only weights of FULLY_CONNECTED are to be compressed (--compress-ops)'
    )


def test_weights_with_nan_are_refused_with_the_layer() -> None:
    graph = network()
    graph.layers[2].constant(1)[3, 3] = np.nan
    with pytest.raises(UnsupportedError, match='layer 2 FULLY_CONNECTED "dense_1": weights "dense_1/w" cannot be comp'):
        compress(graph, Plan("low"))


def plan_file(folder: Path, text: str) -> str:
    path = folder / "plan.json"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_states_levels_by_layer(tmp_path: Path) -> None:
    layers = {"dense_1": {"factor": "low"}, "dense_2": {"factor": 8}}
    plan = read_plan(plan_file(tmp_path, json.dumps({"layers": layers})))
    assert bits(network(), plan) == {"dense_1/w": 8, "dense_2/w": 4}
    assert bits(network(), read_plan(plan_file(tmp_path, '{"layers": {"softmax": {"factor": "none"}}}'))) == {}


REFUSED = {
    '{"layers": {"a": {"factor": "huge"}}}': 'the factor of "a" is "huge", must be one of none, lossless, low',
    '{"layers": {"a": {"factor": true}}}': 'the factor of "a" is true',
    '{"layers": {"a": {"factor": 16}}}': 'the factor of "a" is 16',
    '{"layers": {"a": {"factor": [4]}}}': "the factor of",
    '{"layers": {"a": {"factor": "low", "x": 1}}}': 'must be an object whose only key is "factor"',
    '{"layers": {"a": "low"}}': 'found "low", must be an object whose only key is "factor"',
    '{"layers": ["a"]}': '"layers" is no object',
    '{"Layers": {}}': 'must be an object whose only key is "layers"',
    '{"layers": {"a": {"factor": "low"}, "a": {"factor": "high"}}}': '"a" is stated more than once',
    "[" * 100_000: "must hold",
    "{": "must hold",
    '{"layers": {}}' + " " * (1 << 20): "is larger than",
}


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_refuses_files(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_plan(plan_file(tmp_path, text))
    assert REFUSED[text] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_refuses_arguments(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r'compression is "huge", must be one of none, .* or a .json file'):
        read_plan("huge")
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_plan(str(tmp_path / "absent.json"))
    (tmp_path / "latin.json").write_bytes(b'{"layers": {"\xff": 1}}')
    with pytest.raises(UsageError, match="must hold"):
        read_plan(str(tmp_path / "latin.json"))
    with pytest.raises(UsageError, match="SOFTMAX cannot be compressed, must be one of FULLY_CONNECTED, CONV_2D"):
        read_plan("low", ops=("SOFTMAX",))


def test_refuses_layers_that_cannot_be_compressed() -> None:
    with pytest.raises(UsageError, match='no layer "dense2" to compress; did you mean "dense_2" or "dense_1"'):
        compress(network(), Plan(layers={"dense2": "low"}))
    with pytest.raises(UsageError, match='no layer "x" to compress; none can be'):
        compress(network({"softmax": ("SOFTMAX", ())}), Plan(layers={"x": "low"}))
    with pytest.raises(UsageError, match='layer 4 SOFTMAX "softmax": has no float32 weights to compress'):
        compress(network(), Plan(layers={"softmax": "low"}))
