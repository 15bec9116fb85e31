"""Keras files end in the graph that the file says, or in one line that names the layer."""

from __future__ import annotations

import json
import re
import zipfile
from typing import Any

import numpy as np
import pytest

from simref.check import check_graph
from simref.errors import ModelError, SimrefError, UnsupportedError
from simref.graph import Graph
from simref.importers.keras import import_keras_h5, import_keras_json, import_keras_zip
from tests.importers import keras_files as kf
from tests.importers.keras_files import called, dense, functional, input_layer, layer, sequential, tensor


@pytest.fixture(autouse=True)
def _same_weights_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simref.importers.keras.open_hdf5", kf.open_hdf5_once)


def imported(model: kf.Json, arrays: dict[str, Any] | None = None) -> Graph:
    graph = import_keras_json(kf.text(model), kf.weights(arrays), "m.json")
    check_graph(graph)
    return graph


def names(graph: Graph) -> list[tuple[str, str]]:
    return [(node.op, node.name) for node in graph.nodes]


def test_a_layer_and_its_activation() -> None:
    graph = imported(sequential(input_layer(3), dense(activation="relu")))
    assert names(graph) == [("FULLY_CONNECTED", "dense"), ("RELU", "dense/relu")]
    first = graph.layers[0]
    assert [t.name for t in first.inputs if t] == ["x", "dense/kernel", "dense/bias"]
    np.testing.assert_array_equal(first.constant(1), kf.KERNEL.T)
    np.testing.assert_array_equal(first.constant(2), kf.BIAS)
    assert graph.name == "m.json"
    assert [graph.tensors[index].shape for index in (*graph.inputs, *graph.outputs)] == [(1, 3), (1, 2)]


def test_a_fixed_batch_becomes_1_and_a_note_says_so() -> None:
    graph = imported(sequential(layer("InputLayer", "x", batch_shape=[8, 3]), dense()))
    assert graph.tensors[graph.inputs[0]].shape == (1, 3)
    assert graph.notes == ('input "x": its batch of 8 samples is computed as 1',)
    assert imported(sequential(input_layer(3), dense())).notes == ()


@pytest.mark.parametrize("form", ["h5", "zip", "json"])
def test_the_forms_of_a_file_are_alike(form: str) -> None:
    model = sequential(input_layer(3), dense())
    graph = {
        "h5": lambda: import_keras_h5(kf.keras_h5(model)),
        "zip": lambda: import_keras_zip(kf.keras_zip(model)),
        "json": lambda: import_keras_json(kf.text(model), kf.weights()),
    }[form]()
    np.testing.assert_array_equal(graph.layers[0].constant(1), kf.KERNEL.T)
    assert [node.name for node in graph.nodes] == ["dense"]


def test_a_layer_called_twice_has_one_set_of_weights() -> None:
    twin = called(called(dense("twin"), tensor("a")), tensor("b"))
    add = called(layer("Add", "add"), [tensor("twin", 0), tensor("twin", 1)])
    layers = [input_layer(3, name="a"), input_layer(3, name="b"), twin, add]
    graph = imported(functional(layers, [["b", 0, 0], ["a", 0, 0]], [["add", 0, 0]]))
    assert names(graph) == [("FULLY_CONNECTED", "twin"), ("FULLY_CONNECTED", "twin/call_1"), ("ADD", "add")]
    assert graph.nodes[0].inputs[1:] == graph.nodes[1].inputs[1:]
    assert [graph.tensors[index].name for index in graph.inputs] == ["b", "a"]
    assert sum(t.is_constant for t in graph.tensors) == 2


@pytest.mark.parametrize("first_call", [0, 1])
def test_models_in_models_counted_from_0_or_1(first_call: int) -> None:
    inner = sequential(input_layer(3), dense("d"), name="inner")
    block = called(called(inner, tensor("x")), tensor("x"))
    add = called(layer("Add", "add"), [tensor("inner", first_call), tensor("inner", first_call + 1)])
    arrays = {f"layers/sequential/{path}": array for path, array in kf.DENSE.items()}
    graph = imported(functional([input_layer(3), block, add], ["x", 0, 0], ["add", 0, 0]), arrays)
    assert [node.name for node in graph.nodes] == ["inner/d", "inner/call_1/d", "add"]
    assert [t.name for t in graph.tensors if t.is_constant] == ["inner/d/kernel", "inner/d/bias"]


def test_layers_run_in_the_order_of_their_calls() -> None:
    late = called(layer("ReLU", "late"), tensor("early"))
    early = called(layer("Activation", "early", activation="tanh"), tensor("x"))
    graph = imported(functional([late, input_layer(3), early], ["x", 0, 0], ["late", 0, 0]))
    assert [node.name for node in graph.nodes] == ["early", "late"]


def test_layers_of_training_are_dropped() -> None:
    graph = imported(sequential(input_layer(3), layer("Dropout", "drop", rate=0.5), dense(activation="linear")))
    assert names(graph) == [("FULLY_CONNECTED", "dense")]


def test_the_input_of_a_model_without_an_input_layer() -> None:
    graph = imported(sequential(dense(batch_input_shape=[None, 3])))
    assert [graph.tensors[index].name for index in graph.inputs] == ["dense_input"]


def test_batch_normalization_is_rounded_once() -> None:
    rng = np.random.default_rng(3)
    gamma, beta, mean = (rng.normal(0, 1, 4).astype(np.float32) for _ in range(3))
    variance = rng.uniform(0.1, 2, 4).astype(np.float32)
    arrays = {f"layers/batch_normalization/vars/{k}": a for k, a in enumerate((gamma, beta, mean, variance))}
    graph = imported(sequential(input_layer(4), layer("BatchNormalization", "bn", epsilon=1e-3)), arrays)
    scale = gamma.astype(np.float64) / np.sqrt(variance.astype(np.float64) + 1e-3)
    np.testing.assert_array_equal(graph.layers[0].constant(1), scale.astype(np.float32))
    offset = beta.astype(np.float64) - mean.astype(np.float64) * scale
    np.testing.assert_array_equal(graph.layers[0].constant(2), offset.astype(np.float32))


def test_biases_have_no_negative_zero() -> None:
    arrays = {**kf.DENSE, "layers/dense/vars/1": np.array([-0.0, 1], np.float32)}
    bias = imported(sequential(input_layer(3), dense()), arrays).layers[0].constant(2)
    assert not np.signbit(bias[0])


def _of(*layers: kf.Json) -> kf.Json:
    return sequential(input_layer(3), *layers)


def _call_of(stored: kf.Json, *args: Any, **kwargs: Any) -> kf.Json:
    return functional([input_layer(3), called(stored, *args, **kwargs)], ["x", 0, 0], [stored["config"]["name"], 0, 0])


NESTED: kf.Json = {"class_name": "x"}
for _ in range(5):
    NESTED = {"config": [NESTED]}

REFUSALS: dict[str, tuple[kf.Json, type[SimrefError], str]] = {
    "Lambda": (
        _of(layer("Lambda", "l", function={"class_name": "__lambda__", "config": {"code": "4wEAAA=="}})),
        UnsupportedError,
        'layer "l" (Lambda): its Python code is never executed, must be a layer of Keras. Replace it',
    ),
    "own class": (
        _of({**layer("Mine", "m"), "registered_name": "Custom>Mine", "module": None}),
        UnsupportedError,
        'layer "m" (Mine): its class is the user\'s own',
    ),
    "own class of a known name": (
        _of({**dense(), "registered_name": "Custom>Dense", "module": "__main__"}),
        UnsupportedError,
        'layer "dense" (Dense): its class is the user\'s own',
    ),
    "unknown class": (_of(layer("Conv3D", "c")), UnsupportedError, 'layer "c" (Conv3D): its class is not supported'),
    "masking": (_of(layer("Masking", "m")), UnsupportedError, 'layer "m" (Masking): masks are not built'),
    "mask": (
        _call_of(layer("ReLU", "r"), tensor("x"), mask=tensor("x")),
        UnsupportedError,
        'layer "r" (ReLU): it is called with a mask',
    ),
    "stateful": (
        sequential(input_layer(4, 3), layer("LSTM", "l", units=2, stateful=True)),
        UnsupportedError,
        'layer "l" (LSTM): stateful is true, must be false',
    ),
    "activation": (_of(dense(activation="mine")), UnsupportedError, 'layer "dense" (Dense): its activation is mine'),
    "half precision": (_of(dense(dtype="mixed_float16")), UnsupportedError, "its dtype policy is mixed_float16"),
    "subclassed": (layer("Functional", "m"), UnsupportedError, "a subclassed model"),
    "not a model": (dense(), UnsupportedError, "the model's class must be Sequential or Functional or Model"),
    "open shape": (sequential(input_layer(None, 3), dense()), UnsupportedError, "is open, only the batch may be"),
    "no shape": (sequential(dense()), UnsupportedError, "no input shape is stored. Build the model"),
    "huge": (sequential(input_layer(1 << 20, 1 << 20), dense()), UnsupportedError, "must hold 1 to"),
    "huge padding": (
        sequential(input_layer(4, 3), layer("ZeroPadding1D", "z", padding=1 << 27)),
        UnsupportedError,
        'tensor "z" has the shape',
    ),
    "units": (_of(dense(units=-1)), ModelError, "units is -1, must be a whole number from 1"),
    "units of text": (
        _of(layer("Dense", "dense", units="many")),
        ModelError,
        'units is "many", must be a whole number',
    ),
    "other units": (_of(dense(units=5)), ModelError, 'its weights "kernel" have the shape (3, 2), must have (3, 5)'),
    "no weights": (_of(layer("Embedding", "e", input_dim=3, output_dim=2)), ModelError, '"embeddings" are missing'),
    "no name": (_of({"class_name": "Dense", "config": {}}), ModelError, "a layer of the model has no name"),
    "two of one name": (_of(dense("a"), dense("a")), ModelError, "two of its layers have one name"),
    "circle": (
        functional(
            [input_layer(3), called(layer("ReLU", "a"), tensor("b")), called(layer("ReLU", "b"), tensor("a"))],
            ["x", 0, 0],
            ["a", 0, 0],
        ),
        ModelError,
        "its layers are called in a circle",
    ),
    "unknown tensor": (_call_of(layer("ReLU", "r"), tensor("y")), ModelError, 'call 0 of layer "y" is read'),
    "unknown output": (_call_of(layer("ReLU", "r"), tensor("x", 0, 3)), ModelError, 'layer "x" has no output 3'),
    "identity": (_of(layer("Dropout", "d")), UnsupportedError, "an output of the model is one of its inputs"),
    "groups": (
        sequential(input_layer(8, 3), layer("Conv1D", "c", filters=4, kernel_size=2, groups=2)),
        ModelError,
        "must be multiples of the 2 groups",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refuses(case: str) -> None:
    model, kind, message = REFUSALS[case]
    with pytest.raises(kind, match=re.escape(message)) as caught:
        imported(model)
    assert "\n" not in str(caught.value)
    assert kind is not ModelError or str(caught.value).startswith("m.json: ")


def test_refuses_weights_that_are_no_numbers() -> None:
    for value in (np.nan, np.inf):
        arrays = {**kf.DENSE, "layers/dense/vars/1": np.array([1, value], np.float32)}
        with pytest.raises(ModelError, match=r'layer "dense" \(Dense\): its weights "bias" are not all finite'):
            imported(_of(dense()), arrays)


def test_refuses_weights_of_another_precision() -> None:
    arrays = {**kf.DENSE, "layers/dense/vars/0": kf.KERNEL.astype(np.float16)}
    with pytest.raises(UnsupportedError, match=r'its weights "kernel" are float16, must be float32'):
        imported(_of(dense()), arrays)


def test_a_weights_file_that_is_none_is_named() -> None:
    with pytest.raises(ModelError, match=r"^m\.json: its weights file: not an HDF5 file"):
        import_keras_json(kf.text(_of(dense())), b"hello", "m.json")


def test_refuses_a_weights_file_without_an_architecture() -> None:
    with pytest.raises(ModelError, match="it holds weights only"):
        import_keras_h5(kf.weights())


def test_models_that_multiply_end_in_a_refusal() -> None:
    """Each model calls the one in it twice: 2 to the 30 layers in a file of a few kB."""
    model = sequential(input_layer(3), layer("ReLU", "r"), name="m0")
    for depth in range(1, 31):
        inner = called(called(model, tensor("x")), tensor(f"m{depth - 1}", 0))
        model = functional([input_layer(3), inner], ["x", 0, 0], [f"m{depth - 1}", 1, 0], name=f"m{depth}")
    with pytest.raises(UnsupportedError, match="the model has over 8192 layers"):
        imported(model)


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"a":' * 100_000, b"[" * 100_000, b"\xff\xfe", b"NaN", b'"x"'])
def test_refuses_what_is_no_json(text: bytes) -> None:
    with pytest.raises(ModelError, match=r"^m: the architecture") as caught:
        import_keras_json(text, kf.weights(), "m")
    assert "\n" not in str(caught.value)


def test_refuses_deep_nesting() -> None:
    deep: Any = {}
    for _ in range(400):
        deep = [deep]
    model = _call_of(layer("ReLU", "r"), tensor("x"), deep)
    text = json.dumps(model).replace("[" * 400, "[" * 40_000).replace("]" * 400, "]" * 40_000)
    with pytest.raises(ModelError, match="nested too deeply"):
        import_keras_json(text.encode(), kf.weights(), "m")


def test_refuses_bombs() -> None:
    model = kf.text(_of(dense()))
    bomb = b"\0" * (1 << 25)
    members = {"metadata.json": b"{}", "config.json": bomb, "model.weights.h5": kf.weights()}
    with pytest.raises(ModelError, match=r'zip member "config.json" has 33554432 bytes, must have at most'):
        import_keras_zip(kf.archive(members, zipfile.ZIP_DEFLATED))
    liar = kf.archive({**members, "config.json": model}, zipfile.ZIP_DEFLATED)
    size = len(model).to_bytes(4, "little")
    smaller = (len(model) // 2).to_bytes(4, "little")
    with pytest.raises(ModelError):
        import_keras_zip(liar.replace(size, smaller))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_refuses_odd_archives() -> None:
    whole = {"metadata.json": b"{}", "config.json": kf.text(_of(dense())), "model.weights.h5": kf.weights()}
    import_keras_zip(kf.archive({**whole, "../../etc/passwd": b"never written"}))
    for missing in whole:
        rest = {name: content for name, content in whole.items() if name != missing}
        with pytest.raises(ModelError, match=re.escape(f'has no member "{missing}"')):
            import_keras_zip(kf.archive(rest))
    sharded = {name: content for name, content in whole.items() if not name.endswith("h5")}
    with pytest.raises(UnsupportedError, match="stored in shards"):
        import_keras_zip(kf.archive({**sharded, "model.weights.json": b"{}"}))
    twice = kf.archive(whole).replace(b"metadata.json", b"configXjson")
    with pytest.raises(ModelError):
        import_keras_zip(twice)
