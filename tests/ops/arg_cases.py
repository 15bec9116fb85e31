"""Checks of ARG_MAX and ARG_MIN over numbers that are not quantized."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simref.importers.tflite import import_tflite
from simref.interpreter import run
from simref.ops._arg import Attributes
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.executions import check_executions
from tests.ops.layer_cases import Layers, number_inputs
from tests.oracle import run_reference


def check_numbers(op: str, dtypes: Sequence[str]) -> None:
    """All executions agree, and find what a plain loop finds: the first or last of few distinct values."""
    layers = Layers()
    for dtype in dtypes:
        for axis, keep, last, index in (
            (0, False, False, "int32"),
            (1, True, True, "int64"),
            (-1, False, True, "int32"),
        ):
            layers.add(op, (3, 7, 4), Attributes(axis, keep, last), dtype=dtype, outputs=index)
    graph = layers.graph()
    inputs = [np.round(x).clip(-2, 2).astype(x.dtype) for x in number_inputs(graph)]
    for layer, x, y in zip(graph.layers, inputs, run(graph, inputs), strict=True):
        axis = layer.attributes.axis % 3 + 1
        best = x.max(axis, keepdims=True) if op == "ARG_MAX" else x.min(axis, keepdims=True)
        places = [np.flatnonzero(hits) for hits in np.moveaxis(x == best, axis, -1).reshape(-1, x.shape[axis])]
        expected = [hits[-1 if layer.attributes.select_last_index else 0] for hits in places]
        np.testing.assert_array_equal(y.ravel(), expected)
    check_executions(graph, inputs)
    check_executions(graph, number_inputs(graph, special=0.3), cores=["cm0plus", "cm7"])


def check_floats_like_tflite(op: str) -> None:
    """The same indices, ties included."""
    tensors = [
        TensorSpec("x", (6, 9), "float32"),
        TensorSpec("axis", (), "int32", data=np.array(1)),
        TensorSpec("y", (6,), "int32"),
    ]
    model = build_model(tensors, [OperatorSpec(op, ["x", "axis"], ["y"], {"outputType": 2})], ["x"], ["y"])
    graph = import_tflite(model)
    (x,) = (np.round(x) for x in number_inputs(graph))
    np.testing.assert_array_equal(run(graph, x)[0], run_reference(model, [x])["y"])
