"""Whole float networks against the frameworks they come from: stored outputs, and TFLite layer by layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import simref
from simref.graph import Array
from simref.importers.tflite import import_tflite
from simref.interpreter import run_all
from tests.models_present import float_models
from tests.oracle import run_reference
from tests.store_outputs import framework_inputs, framework_models, stored_path

# Relative l2 error: float32 sums in another order, and other exponentials, differ by some 1e-7 a layer.
WITHIN = 1e-6
FRAMEWORK_MODELS = framework_models()


def relative_error(found: Array, expected: Array) -> float:
    """The norm of the difference over that of the expected array."""
    a, b = (x.astype(np.float64).ravel() for x in (found, expected))
    return float(np.linalg.norm(a - b) / max(float(np.linalg.norm(b)), 1e-30))


@pytest.mark.parametrize("path", FRAMEWORK_MODELS, ids=lambda path: path.name)
@pytest.mark.parametrize("fused", [True, False], ids=["fused", "separate"])
def test_equals_what_keras_or_onnxruntime_computed(path: Path, fused: bool) -> None:
    graph = simref.load(path)
    with np.load(stored_path(path)) as stored:
        shapes = [graph.tensors[index].shape for index in graph.inputs]
        inputs = framework_inputs([shape[1:] for shape in shapes], int(stored["seed"]), int(stored["samples"]))
        expected = [stored[f"output_{k}"] for k in range(len(graph.outputs))]
    batched = [array[:, np.newaxis] for array in inputs]
    outputs = simref.run(graph, batched, fused=fused)
    for found, want in zip(outputs, expected, strict=True):
        if "qdq" in path.name:
            # onnxruntime rounds requantized sums in float: some elements are a step off.
            assert np.abs(found.reshape(want.shape) - want).max() <= 0.15
            assert (found.reshape(len(want), -1).argmax(1) == want.reshape(len(want), -1).argmax(1)).all()
        else:
            assert relative_error(found.reshape(want.shape), want) <= WITHIN


@pytest.mark.parametrize("path", float_models(), ids=lambda path: path.name)
@pytest.mark.parametrize("fused", [True, False], ids=["fused", "separate"])
def test_every_layer_equals_tflite(path: Path, fused: bool) -> None:
    data = path.read_bytes()
    graph = import_tflite(data, path.name)
    inputs = [array[:, np.newaxis] for array in framework_inputs([graph.tensors[i].shape[1:] for i in graph.inputs])]
    expected = run_reference(data, inputs)
    values = run_all(graph, inputs, engine="numba", fused=fused)
    compared = {}
    for index, value in values.items():
        name = graph.tensors[index].name
        if name in expected and index not in graph.inputs:
            compared[name] = relative_error(value, expected[name].reshape(value.shape))
    assert len(compared) >= len(graph.outputs)
    assert max(compared.values()) <= WITHIN, max(compared, key=lambda name: compared[name])
