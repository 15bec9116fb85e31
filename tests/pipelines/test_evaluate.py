from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import simref
from simref.cli import app
from simref.errors import UsageError
from simref.pipelines.evaluate import evaluate
from simref.pipelines.models import ModelSource
from simref.report.evaluation import evaluation_text
from tests.pipelines.float_models import CLASSES, SAMPLES, write_classifier


def test_a_network_alone_has_an_accuracy_and_a_confusion_matrix(tmp_path: Path) -> None:
    model, data = write_classifier(tmp_path)
    found = evaluate(ModelSource(model), data)
    assert found.samples == SAMPLES
    assert found.compared is None
    assert found.classes is not None
    assert found.classes.accuracy == 1.0
    assert found.classes.confusion.sum() == np.trace(found.classes.confusion) == SAMPLES
    assert "100.00%" in evaluation_text(found)


def test_compression_is_compared_layer_by_layer_worst_first(tmp_path: Path) -> None:
    model, data = write_classifier(tmp_path)
    low, high = (evaluate(ModelSource(model), data, ModelSource(model, compression=level)) for level in ("low", "high"))
    for found in (low, high):
        errors = [error.distance.l2r for error in found.layers]
        assert errors == sorted(errors, reverse=True)
        assert {error.tensor for error in found.layers} == {"hidden", "scores", "y"}
        assert found.nbytes[1] is not None
        assert found.nbytes[1] < found.nbytes[0]
        assert [error.tensor for error in found.outputs] == ["y"]
    assert 0 < low.layers[0].distance.l2r < high.layers[0].distance.l2r < 0.5
    assert low.agreement is not None
    assert high.agreement is not None
    assert low.agreement >= high.agreement > 1 / CLASSES
    text = evaluation_text(high)
    assert "layer, worst first" in text
    assert "compression high" in text


def test_another_network_is_compared_by_its_outputs(tmp_path: Path) -> None:
    model, data = write_classifier(tmp_path)
    found = evaluate(ModelSource(model), data, ModelSource(model))
    assert found.agreement == 1.0
    assert all(error.distance.largest == 0 for error in found.layers)
    assert "equal" in evaluation_text(found)


def test_networks_that_name_their_layers_otherwise_are_aligned(tmp_path: Path) -> None:
    model, data = write_classifier(tmp_path)
    graph = simref.load(model)
    tensors = tuple(replace(tensor, name=f"other/{tensor.name}") for tensor in graph.tensors)
    found = evaluate(ModelSource(model), data, ModelSource(replace(graph, tensors=tensors)))
    assert {error.tensor for error in found.layers} == {"hidden", "scores", "y"}
    assert all(error.distance.largest == 0 for error in found.layers)


def test_without_data_the_errors_are_those_of_random_samples(tmp_path: Path) -> None:
    model, _ = write_classifier(tmp_path)
    found = evaluate(ModelSource(model), None, ModelSource(model, compression="high"), samples=20)
    assert (found.samples, found.classes, found.data) == (20, None, "random, seed 42")
    assert found.layers[0].distance.l2r > 0


def test_command_prints_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, data = write_classifier(tmp_path)
    app(["evaluate", str(model), "--data", str(data), "-c", "high", "--samples", "9", "--json"], standalone_mode=False)
    report = json.loads(capsys.readouterr().out)
    assert report["samples"] == 9
    assert report["original"]["accuracy"] == 1.0
    assert len(report["judged"]["confusion"]) >= 1
    assert report["layers"][0]["l2r"] >= report["layers"][-1]["l2r"]


def test_data_that_does_not_fit(tmp_path: Path) -> None:
    model, data = write_classifier(tmp_path)
    with np.load(data) as archive:
        x, y = archive["x"], archive["y"]
    np.savez(tmp_path / "short.npz", x=x, y=y[:-1])
    with pytest.raises(UsageError, match="labels for"):
        evaluate(ModelSource(model), tmp_path / "short.npz")
    np.savez(tmp_path / "real.npz", x=x, y=y.astype(np.float32))
    with pytest.raises(UsageError, match='array "y"'):
        evaluate(ModelSource(model), tmp_path / "real.npz")
    np.savez(tmp_path / "unlabelled.npz", x=x)
    assert evaluate(ModelSource(model), tmp_path / "unlabelled.npz").classes is None
