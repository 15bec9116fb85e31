"""Whole float networks against the frameworks they come from: stored outputs, and TFLite layer by layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import simref
from simref.importers.tflite import import_tflite
from tests.layer_errors import layer_errors, relative_error
from tests.models_present import float_models
from tests.oracle import run_reference
from tests.store_outputs import framework_inputs, framework_models, stored_path

# Relative l2 error of one layer: float32 sums in another order, and other exponentials, differ by some 1e-7.
WITHIN = 1e-6
# Of a whole network, where the errors of its layers, and those of the framework's, add up.
WITHIN_NETWORK = 3e-6
# Of a layer that TFLite computes on an input quantized to 8 bits, which this project does not.
WITHIN_HYBRID = 0.03
FRAMEWORK_MODELS = framework_models()


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
            assert relative_error(found.reshape(want.shape), want) <= WITHIN_NETWORK


@pytest.mark.parametrize("path", float_models(), ids=lambda path: path.name)
@pytest.mark.parametrize("fused", [True, False], ids=["fused", "separate"])
def test_every_layer_equals_tflite(path: Path, fused: bool) -> None:
    data = path.read_bytes()
    graph = import_tflite(data, path.name)
    inputs = [array[:, np.newaxis] for array in framework_inputs([graph.tensors[i].shape[1:] for i in graph.inputs])]
    errors = layer_errors(graph, run_reference(data, inputs), fused=fused)
    assert set(errors) >= {graph.tensors[index].name for index in graph.outputs}
    assert max(errors.values()) <= (WITHIN_HYBRID if graph.notes else WITHIN), errors
