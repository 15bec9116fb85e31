"""A small float network and its data, for the tests of pipelines."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simref.importers.tflite import import_tflite
from simref.interpreter import run
from tests.build_tflite import ACTIVATIONS, OperatorSpec, TensorSpec, build_model

DEPTH, HIDDEN, CLASSES, SAMPLES = 96, 96, 6, 50


def classifier() -> bytes:
    """x -> dense with ReLU -> dense -> softmax, with weights large enough to be worth compressing."""
    rng = np.random.default_rng(7)
    tensors = [
        TensorSpec("x", (1, DEPTH), "float32"),
        TensorSpec("w0", (HIDDEN, DEPTH), "float32", data=rng.normal(0, 0.15, (HIDDEN, DEPTH))),
        TensorSpec("b0", (HIDDEN,), "float32", data=rng.normal(0, 0.1, HIDDEN)),
        TensorSpec("hidden", (1, HIDDEN), "float32"),
        TensorSpec("w1", (CLASSES, HIDDEN), "float32", data=rng.normal(0, 0.3, (CLASSES, HIDDEN))),
        TensorSpec("b1", (CLASSES,), "float32", data=rng.normal(0, 0.1, CLASSES)),
        TensorSpec("scores", (1, CLASSES), "float32"),
        TensorSpec("y", (1, CLASSES), "float32"),
    ]
    relu = {"fusedActivationFunction": ACTIVATIONS["RELU"]}
    operators = [
        OperatorSpec("FULLY_CONNECTED", ["x", "w0", "b0"], ["hidden"], relu),
        OperatorSpec("FULLY_CONNECTED", ["hidden", "w1", "b1"], ["scores"]),
        OperatorSpec("SOFTMAX", ["scores"], ["y"], {"beta": 1.0}),
    ]
    return build_model(tensors, operators, ["x"], ["y"])


def write_classifier(folder: Path) -> tuple[Path, Path]:
    """The network and samples labelled with the classes that it finds."""
    model, data = folder / "classifier.tflite", folder / "samples.npz"
    model.write_bytes(classifier())
    x = np.random.default_rng(8).normal(0, 1, (SAMPLES, DEPTH)).astype(np.float32)
    (scores,) = run(import_tflite(model.read_bytes()), x[:, np.newaxis])
    np.savez(data, x=x, y=scores.reshape(SAMPLES, -1).argmax(axis=1))
    return model, data
