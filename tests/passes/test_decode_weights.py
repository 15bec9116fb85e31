from __future__ import annotations

import numpy as np

from simref.importers.tflite import import_tflite
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.oracle import run_reference


def dense(weights: TensorSpec, bias: bool = True) -> bytes:
    """y = w x + b in floats with weights stored otherwise."""
    outputs, depth = weights.shape
    tensors = [TensorSpec("x", (1, depth), "float32"), weights, TensorSpec("y", (1, outputs), "float32")]
    tensors.append(TensorSpec("b", (outputs,), "float32", data=np.arange(outputs, dtype=np.float32)))
    names = ["x", "w", "b"] if bias else ["x", "w"]
    return build_model(tensors, [OperatorSpec("FULLY_CONNECTED", names, ["y"])], ["x"], ["y"])


def test_hybrid_weights_become_the_table_of_their_reals() -> None:
    rng = np.random.default_rng(0)
    stored = rng.integers(-127, 128, (40, 60))
    graph = import_tflite(dense(TensorSpec("w", (40, 60), scale=0.013, data=stored)))
    weights = graph.layers[0].input(1)
    assert weights.dtype == np.float32
    assert weights.codebook is not None
    assert (weights.codebook.bits, weights.codebook.nbytes) == (8, 40 * 60 + 1024)
    expected = (stored * np.float64(np.float32(0.013))).astype(np.float32)
    np.testing.assert_array_equal(graph.layers[0].constant(1), expected)
    assert graph.notes == (
        'layer 0 FULLY_CONNECTED "y": its int8 weights are kept as indices into the table of their reals (lut8); '
        "it computes in float32, TFLite quantizes its input",
    )


def test_small_hybrid_weights_become_floats() -> None:
    stored = np.arange(12).reshape(3, 4)
    weights = TensorSpec("w", (3, 4), scale=[0.5, 0.25, 2.0], zero_point=[0, 0, 0], data=stored)
    graph = import_tflite(dense(weights, bias=False))
    assert graph.layers[0].input(1).codebook is None
    np.testing.assert_array_equal(graph.layers[0].constant(1), stored * np.array([[0.5], [0.25], [2.0]]))
    assert "kept as floats" in graph.notes[0]


def test_half_floats_that_dequantize_widens_are_constants() -> None:
    stored = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float16)
    tensors = [
        TensorSpec("x", (1, 4), "float32"),
        TensorSpec("h", (3, 4), "float16", data=stored),
        TensorSpec("w", (3, 4), "float32"),
        TensorSpec("y", (1, 3), "float32"),
    ]
    operators = [OperatorSpec("DEQUANTIZE", ["h"], ["w"]), OperatorSpec("FULLY_CONNECTED", ["x", "w"], ["y"])]
    model = build_model(tensors, operators, ["x"], ["y"])
    graph = import_tflite(model)
    assert [layer.op for layer in graph.layers] == ["FULLY_CONNECTED"]
    np.testing.assert_array_equal(graph.layers[0].constant(1), stored.astype(np.float32))
    assert graph.notes == ()
    # The stored halves are what TFLite computes with, too.
    x = np.eye(4, dtype=np.float32)[:, np.newaxis]
    np.testing.assert_array_equal(run_reference(model, [x])["y"][:, 0].T, stored.astype(np.float32))
