from __future__ import annotations

import numpy as np

from simref.importers.tflite import import_tflite
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.oracle import run_reference


def test_folds_supported_layers_over_constants_by_their_reference() -> None:
    """A weight that passes through TRANSPOSE and ADD before it meets the input."""
    tensors = [
        TensorSpec("x", (1, 2), scale=0.5),
        TensorSpec("a", (2, 1), scale=0.5, data=[[3], [5]]),
        TensorSpec("order", (2,), "int32", data=[1, 0]),
        TensorSpec("b", (1, 2), scale=0.5),
        TensorSpec("c", (1, 2), scale=0.25),
        TensorSpec("y", (1, 2), scale=0.5),
    ]
    operators = [
        OperatorSpec("TRANSPOSE", ["a", "order"], ["b"]),
        OperatorSpec("ADD", ["b", "b"], ["c"]),
        OperatorSpec("ADD", ["x", "c"], ["y"]),
    ]
    model = build_model(tensors, operators, ["x"], ["y"])
    graph = import_tflite(model)
    expected = run_reference(model, [np.zeros((1, 1, 2), np.int8)])
    assert [layer.name for layer in graph.layers] == ["y"]
    np.testing.assert_array_equal(graph.layers[0].constant(1), expected["c"][0])
