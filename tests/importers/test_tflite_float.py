"""Float files as TensorFlow's converter writes them: whole functions as single layers, each equal to TFLite's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simref.graph import Array, Graph
from simref.importers.tflite import import_tflite
from tests.executions import check_executions
from tests.layer_errors import layer_errors
from tests.oracle import random_inputs, run_reference

FOLDER = Path(__file__).parent.parent / "models" / "float"
# Relative l2 error of one layer: sums in another order, other exponentials, whole functions instead of their parts.
WITHIN = 1e-6
# Of a layer that TFLite computes on an input quantized to 8 bits.
WITHIN_HYBRID = 0.03
CORES = ("cm0plus", "cm4")

NORM, DENSE = "LAYER_NORMALIZATION", "FULLY_CONNECTED"
LAYERS = {
    "attention": [
        *(DENSE, "RESHAPE", DENSE, "RESHAPE", "TRANSPOSE", "TRANSPOSE", "BATCH_MATMUL", "MUL", "SOFTMAX"),
        *(DENSE, "RESHAPE", "TRANSPOSE", "BATCH_MATMUL", "TRANSPOSE", "RESHAPE", DENSE, "ADD", NORM),
    ],
    "batch_norm": [
        *("BATCH_NORMALIZATION", "CONV_2D", "BATCH_NORMALIZATION", "MAX_POOL_2D", "BATCH_NORMALIZATION"),
        *("RESHAPE", DENSE, "TANH", "BATCH_NORMALIZATION"),
    ],
    "choices": ["COS", "EXP", "GREATER", "SELECT_V2", "SIN", "ADD", "ADD", "SLICE", "SLICE"],
    "conv1d": [
        *("RESHAPE", "CONV_2D", "BATCH_NORMALIZATION", "RESHAPE", "PAD", "RESHAPE", "CONV_2D", "MAX_POOL_2D"),
        *("DEPTHWISE_CONV_2D", "CONV_2D", "TRANSPOSE_CONV", "RESHAPE", "REDUCE_MAX", DENSE, "SOFTMAX"),
    ],
    "dynamic_range": ["CONV_2D", "DEPTHWISE_CONV_2D", "MEAN", DENSE, DENSE],
    "float16": ["CONV_2D", "DEPTHWISE_CONV_2D", "MEAN", DENSE, DENSE],
    "functions": [
        *("ELU", "CLIP", "GELU", "HARD_SIGMOID", "HARD_SIGMOID", "HARD_SWISH", "NEG", "SOFTPLUS", "NEG"),
        *("SOFTPLUS", "MISH", "SELU", "SILU", "SOFTSIGN"),
    ],
    "layer_norm": [NORM, DENSE, "GELU", DENSE, NORM, "GELU", NORM, DENSE, "TANH", NORM],
    "layer_norm_spellings": [NORM, NORM, NORM],
    "loops": [
        *("RESHAPE", "RESHAPE", "LSTM", "RESHAPE", "RESHAPE", "GRU", "RESHAPE", "RESHAPE", "SIMPLE_RNN"),
        *("RESHAPE", "STRIDED_SLICE"),
    ],
    "loops_of_other_kinds": [
        *("TRANSPOSE", "TRANSPOSE", "LSTM", "TRANSPOSE", "TRANSPOSE", "GRU", "TRANSPOSE", "TRANSPOSE", "SIMPLE_RNN"),
        *("TRANSPOSE", "REVERSE_V2", "TRANSPOSE", "SIMPLE_RNN", "RESHAPE", "STRIDED_SLICE"),
        *("TRANSPOSE", "SIMPLE_RNN", "RESHAPE", "STRIDED_SLICE", "CONCATENATION"),
    ],
    "lstm": ["LSTM", "REVERSE_V2", "LSTM"],
    "slopes": ["CONV_2D", "PRELU", "CONV_2D", "LEAKY_RELU", "CONV_2D", "PRELU"],
}


def _graph(name: str) -> tuple[bytes, Graph, list[Array]]:
    data = FOLDER.joinpath(f"{name}.tflite").read_bytes()
    return data, import_tflite(data, name), [3 * x for x in random_inputs(data, 4)]


@pytest.mark.parametrize("name", LAYERS)
def test_functions_are_single_layers(name: str) -> None:
    assert [node.op for node in _graph(name)[1].nodes] == LAYERS[name]


@pytest.mark.parametrize("name", [*LAYERS, "unrolled"])
@pytest.mark.parametrize("fused", [True, False], ids=["fused", "separate"])
def test_every_layer_equals_tflite(name: str, fused: bool) -> None:
    data, graph, inputs = _graph(name)
    errors = layer_errors(graph, run_reference(data, inputs), fused=fused)
    assert set(errors) >= {graph.tensors[index].name for index in graph.outputs}
    assert max(errors.values()) <= (WITHIN_HYBRID if name == "dynamic_range" else WITHIN), errors


@pytest.mark.parametrize("name", [*LAYERS, "unrolled"])
def test_executions_agree(name: str) -> None:
    _, graph, inputs = _graph(name)
    check_executions(graph, [x[:2] for x in inputs], cores=CORES)


def test_a_file_is_read_with_what_was_left_out_said() -> None:
    (first, second) = _graph("lstm")[1].notes
    assert first.startswith('UNIDIRECTIONAL_SEQUENCE_LSTM "tfl.')
    assert "zero when an inference starts" in first
    assert second != first
    notes = _graph("dynamic_range")[1].notes
    assert len(notes) == 3
    assert all("computes in float32" in note for note in notes)
    assert _graph("float16")[1].notes == ()


def test_halves_are_weights_of_their_exact_values() -> None:
    weights = _graph("float16")[1].layers[0].constant(1)
    assert weights.dtype == np.float32
    np.testing.assert_array_equal(weights, weights.astype(np.float16))
