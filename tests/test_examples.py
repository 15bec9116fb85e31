"""The examples that the README starts with still recognise digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simref.importers import load
from simref.inputs import fit_labels, read_arrays, read_inputs
from simref.interpreter import run

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.mark.parametrize("name", ["digits_cnn.tflite", "digits_float.keras"])
def test_an_example_reads_its_digits(name: str) -> None:
    graph = load(EXAMPLES / name)
    samples = EXAMPLES / f"{Path(name).stem}_test.npz"
    data, labels = read_inputs(samples, graph), fit_labels(samples, read_arrays(samples))
    assert labels is not None
    (scores,) = run(graph, list(data.arrays.values()))
    right = int(np.sum(scores.reshape(len(labels), 10).argmax(-1) == labels))
    assert len(labels) == 100
    assert right >= 95
