"""Whole networks: NumPy and Numba equal TFLite's reference kernels in every element of every tensor."""

from __future__ import annotations

import numpy as np
import pytest

from simref.graph import Array, Graph
from simref.importers.tflite import import_tflite
from simref.interpreter import Engine, run_all
from tests.models_present import own_models, real_models
from tests.oracle import random_inputs, run_reference

MODELS = {path.stem: path for path in own_models() + real_models()}
SAMPLES = 100


@pytest.mark.parametrize("name", MODELS)
def test_equals_tflite(name: str) -> None:
    data = MODELS[name].read_bytes()
    graph = import_tflite(data, name)
    inputs = random_inputs(data, SAMPLES)
    expected = run_reference(data, inputs)
    engines: tuple[Engine, ...] = ("numpy", "numba")
    for engine in engines:
        values = run_all(graph, inputs, engine=engine)
        assert mismatches(graph, values, expected) == {}, engine
        absent = {graph.tensors[index].name for node in graph.nodes for index in node.outputs} - set(expected)
        assert all(tensor.endswith(("/image", "/dilated")) for tensor in absent), "only folded dilations add tensors"


def mismatches(graph: Graph, values: dict[int, Array], expected: dict[str, Array]) -> dict[str, int]:
    """The number of differing elements by tensor, of the tensors that differ."""
    counts = {}
    for index, value in values.items():
        name = graph.tensors[index].name
        if name in expected:
            count = int(np.sum(value != expected[name])) if value.shape == expected[name].shape else value.size
            if count:
                counts[name] = count
    return counts
