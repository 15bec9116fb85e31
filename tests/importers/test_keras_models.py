"""Imported Keras models compute what Keras computes, and cost what the vendor's report says."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simref.check import check_graph
from simref.graph import Graph
from simref.importers.keras import import_keras_h5, import_keras_json, import_keras_zip
from simref.interpreter import run_all
from simref.ops import operator
from tests.importers import keras_models as models
from tests.importers.keras_stored import STORED, import_stored, outputs_of_keras
from tests.models_present import SHARED, shared_models
from tests.oracle import run_reference

Arrays = list[np.ndarray[Any, Any]]
KERAS_FILES = [path for path in shared_models() if path.suffix in (".h5", ".keras")]


def import_file(path: Path) -> Graph:
    read = import_keras_h5 if path.suffix == ".h5" else import_keras_zip
    return read(path.read_bytes(), path.name)


def errors(graph: Graph, inputs: Arrays, expected: Arrays) -> list[float]:
    """The relative l2 distance of each output from the expected one."""
    check_graph(graph)
    found = run_all(graph, [x[:, None] for x in inputs], engine="numba")
    assert len(graph.outputs) == len(expected)
    distances = []
    for index, y in zip(graph.outputs, expected, strict=True):
        assert found[index].shape[2:] == y.shape[1:]
        distances.append(float(np.linalg.norm(found[index][:, 0] - y) / np.linalg.norm(y)))
    return distances


def test_files_are_stored() -> None:
    assert len(STORED) == 8


@pytest.mark.parametrize("name", STORED)
def test_equals_what_keras_computed(name: str) -> None:
    inputs, expected = outputs_of_keras(name)
    assert max(errors(import_stored(name), inputs, expected)) < 1e-6


def _saved(model: Any, form: str, folder: Path) -> Graph:
    if form == "json":
        model.save_weights(folder / "m.weights.h5")
        return import_keras_json(model.to_json().encode(), (folder / "m.weights.h5").read_bytes())
    path = folder / f"m.{form}"
    model.save(path)
    return import_file(path)


# Keras itself cannot tell the function `add` from the layer `Add` in its older format.
WITHOUT_H5 = ("operations",)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", models.MODELS)
def test_equals_keras(name: str, tmp_path: Path) -> None:
    pytest.importorskip("keras")
    model = models.build(name)
    inputs = models.inputs_for(model)
    expected = models.outputs_of(model, inputs)
    for form in ("h5", "keras", "json"):
        if form != "h5" or name not in WITHOUT_H5:
            assert max(errors(_saved(model, form, tmp_path), inputs, expected)) < 1e-6, form


@pytest.mark.parametrize("path", KERAS_FILES, ids=lambda path: path.name)
def test_imports_real_models(path: Path) -> None:
    check_graph(import_file(path))


TWINS = ("cnn32_bn", "dnn_kws", "lenet28", "pretrainedResnet", "vww_96")


@pytest.mark.parametrize("name", [name for name in TWINS if SHARED.joinpath("models", f"{name}.h5").is_file()])
def test_equals_the_converted_model(name: str) -> None:
    """The same network, which TensorFlow converted, run by TFLite's reference kernels."""
    folder = SHARED / "models"
    suffix = "" if name == "pretrainedResnet" else "_float"
    graph = import_file(folder / f"{name}.h5")
    shape = graph.tensors[graph.inputs[0]].shape
    x = np.random.default_rng(1).uniform(0, 1, (2, *shape)).astype(np.float32)
    computed = run_reference(folder.joinpath(f"{name}{suffix}.tflite").read_bytes(), [x])
    expected = list(computed.values())[-1]
    assert max(errors(graph, [x[:, 0]], [expected[:, 0]])) < 5e-6


# Columns macc and params of the vendor's report on this network, layer by layer.
REPORT = [
    ("activation", 3072, 0),
    ("batch_normalization", 6144, 6),
    ("conv2d_2", 884_768, 896),
    ("activation_1", 32_768, 0),
    ("batch_normalization_1", 65_536, 64),
    ("max_pooling2d_2", 32_768, 0),
    ("conv2d_3", 4_718_656, 18_496),
    ("activation_2", 16_384, 0),
    ("batch_normalization_2", 32_768, 128),
    ("conv2d_4", 4_718_624, 18_464),
    ("activation_3", 8192, 0),
    ("batch_normalization_3", 16_384, 64),
    ("max_pooling2d_3", 8192, 0),
    ("flatten_1", 0, 0),
    ("dense_2", 20_490, 20_490),
    ("dense_2/softmax", 150, 0),
]


@pytest.mark.parametrize("path", [p for p in KERAS_FILES if p.stem == "cnn32_bn"], ids=lambda path: path.name)
def test_layers_are_those_of_the_report(path: Path) -> None:
    graph = import_file(path)
    found = [
        (layer.name, operator(layer.op).macc(layer), sum(t.elements for t in layer.inputs if t and t.is_constant))
        for layer in graph.layers
    ]
    assert found == REPORT
    assert sum(macc for _, macc, _ in found) == 10_564_896


@pytest.mark.parametrize("path", [p for p in KERAS_FILES if p.stem == "cnn32_bn"], ids=lambda path: path.name)
def test_classifies_as_keras_does(path: Path) -> None:
    """Both files of the network answer alike for the digits beside it, and mostly right."""
    data = np.load(io.BytesIO(path.with_name("digits32_test.npz").read_bytes()))
    graph = import_file(path)
    x = data["x"][:60].astype(np.float32).reshape(60, 1, 32, 32, 3)
    found = run_all(graph, [x], engine="numba")[graph.outputs[0]]
    assert np.mean(found.reshape(60, 10).argmax(1) == data["y"][:60]) > 0.8
