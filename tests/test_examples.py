"""The example that the README starts with still recognises digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simref.importers import load
from simref.inputs import read_inputs
from simref.interpreter import run

EXAMPLES = Path(__file__).parent.parent / "examples"


def test_digits_cnn_reads_its_digits() -> None:
    graph = load(EXAMPLES / "digits_cnn.tflite")
    data = read_inputs(EXAMPLES / "digits_cnn_test.npz", graph)
    with np.load(EXAMPLES / "digits_cnn_test.npz") as file:
        labels = file["y"]
    (scores,) = run(graph, list(data.arrays.values()))
    right = int(np.sum(scores.reshape(len(labels), 10).argmax(-1) == labels))
    assert len(labels) == 100
    assert right >= 95
