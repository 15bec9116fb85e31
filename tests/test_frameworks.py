"""Whole float networks against the frameworks they come from: stored outputs, and TFLite layer by layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import simref
from simref.graph import Array
from simref.importers.tflite import import_tflite
from simref.ops import operator
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
            assert relative_error(found.reshape(want.shape), want) <= WITHIN_NETWORK


@pytest.mark.parametrize("path", float_models(), ids=lambda path: path.name)
@pytest.mark.parametrize("fused", [True, False], ids=["fused", "separate"])
def test_every_layer_equals_tflite(path: Path, fused: bool) -> None:
    """Each layer on the inputs that TFLite gave it, so that errors of other layers do not count."""
    data = path.read_bytes()
    graph = import_tflite(data, path.name)
    inputs = [array[:, np.newaxis] for array in framework_inputs([graph.tensors[i].shape[1:] for i in graph.inputs])]
    expected = run_reference(data, inputs)
    within = WITHIN_HYBRID if graph.notes else WITHIN
    compared = {}
    for layer in graph.layers:
        fed = [
            tensor.data[np.newaxis] if tensor.data is not None else expected[tensor.name].reshape(-1, *tensor.shape)
            for tensor in layer.inputs
            if tensor is not None
        ]
        form = operator(layer.op).form(layer)
        (found, *_) = (form.numba or form.reference)(layer.replace(fused=fused), fed)
        compared[str(layer)] = relative_error(found, expected[layer.output.name])
    assert len(compared) == len(graph.layers)
    assert max(compared.values()) <= within, max(compared, key=lambda name: compared[name])
