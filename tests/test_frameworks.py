"""Whole float networks against the frameworks they come from: stored outputs, and TFLite layer by layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

import simref
from simref.importers.tflite import import_tflite
from simref.interpreter import run_all
from simref.ops import operator
from tests.layer_errors import layer_errors, relative_error
from tests.models_present import SHARED, float_models
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


@pytest.mark.parametrize("name", ["cnn_digits.onnx", "vit_digits6.onnx", "vit_digits6_dynamo.onnx"])
def test_layers_of_onnx_files_equal_onnxruntimes(name: str) -> None:
    """Every layer that has the name of a node, where onnxruntime is installed."""
    runtime = pytest.importorskip("onnxruntime")
    path = SHARED / "models" / name
    if not path.is_file():
        pytest.skip(f"{name} is not beside the repository")
    graph, expected = simref.load(path), {}
    model = onnx.load(path)
    for node in model.graph.node:
        model.graph.output.extend(onnx.ValueInfoProto(name=value) for value in node.output if value)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (x,) = framework_inputs([graph.tensors[graph.inputs[0]].shape[1:]], samples=1)
    names = [output.name for output in session.get_outputs()]
    found = dict(zip(names, session.run(None, {session.get_inputs()[0].name: x}), strict=True))
    for node in model.graph.node:
        expected[node.name] = found[node.output[0]]
    values = run_all(graph, x[np.newaxis])
    compared = {}
    for layer, node in zip(graph.layers, graph.nodes, strict=True):
        want = expected.get(layer.name)
        # What only moves elements may leave them in another order, which later layers know of.
        if want is None or operator(layer.op).macc(layer) == 0:
            continue
        moved = np.moveaxis(want, 1, -1) if want.ndim == 4 and want.shape != layer.output.shape else want
        assert moved.shape == layer.output.shape, layer
        compared[str(layer)] = relative_error(values[node.outputs[0]], moved)
    assert len(compared) >= len(graph.nodes) // 3
    assert max(compared.values()) <= WITHIN, max(compared, key=lambda layer: compared[layer])
