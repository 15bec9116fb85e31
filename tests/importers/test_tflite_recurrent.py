"""TFLite's recurrent operators: equal to its reference kernels, or refused by what no layer here computes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simref.errors import ModelError, SimrefError, UnsupportedError
from simref.importers.tflite import import_tflite
from simref.interpreter import run
from tests.build_tflite import ACTIVATIONS, OperatorSpec, TensorSpec, build_model
from tests.executions import check_executions
from tests.layer_errors import relative_error
from tests.oracle import random_inputs, run_reference

BATCH, STEPS, FEATURES, UNITS = 2, 5, 3, 4
Operands = list[TensorSpec | None]


def _float(rng: np.random.Generator, name: str, *shape: int, scale: float = 0.6) -> TensorSpec:
    return TensorSpec(name, shape, "float32", data=rng.normal(0, scale, shape))


def lstm_operands(scale: float = 0.6) -> Operands:
    """x and the 23 others, of which this project's layers have no part but weights, biases and states."""
    rng = np.random.default_rng(3)
    weights = [_float(rng, f"w{k}", UNITS, FEATURES, scale=scale) for k in range(4)]
    recurrent = [_float(rng, f"r{k}", UNITS, UNITS, scale=scale) for k in range(4)]
    biases = [_float(rng, f"b{k}", UNITS, scale=scale) for k in range(4)]
    states = [TensorSpec(name, (BATCH, UNITS), "float32", variable=True) for name in "hc"]
    nothing: Operands = [None]
    return [_x(), *weights, *recurrent, *nothing * 3, *biases, *nothing * 2, *states, *nothing * 4]


def _x(time_major: bool = False) -> TensorSpec:
    return TensorSpec("x", (STEPS, BATCH, FEATURES) if time_major else (BATCH, STEPS, FEATURES), "float32")


def _model(op: str, operands: Operands, options: Mapping[str, Any]) -> bytes:
    time_major = options.get("timeMajor", False)
    first = STEPS if time_major else BATCH
    y = TensorSpec("y", (first, BATCH + STEPS - first, UNITS), "float32")
    tensors = [_x(time_major), *(t for t in operands[1:] if t is not None), y]
    fields = {"fusedActivationFunction": ACTIVATIONS["TANH"], **options}
    names = [None if t is None else t.name for t in operands]
    return build_model(tensors, [OperatorSpec(op, names, ["y"], fields)], ["x"], ["y"])


def lstm(operands: Operands | None = None, **options: Any) -> bytes:
    return _model("UNIDIRECTIONAL_SEQUENCE_LSTM", operands or lstm_operands(), options)


def rnn(**options: Any) -> bytes:
    rng = np.random.default_rng(4)
    weights = [_float(rng, "w", UNITS, FEATURES), _float(rng, "r", UNITS, UNITS), _float(rng, "b", UNITS)]
    state = TensorSpec("h", (BATCH, UNITS), "float32", variable=True)
    return _model("UNIDIRECTIONAL_SEQUENCE_RNN", [_x(), *weights, state], options)


def hybrid() -> bytes:
    """Weights of 8 bits: a dynamic-range file."""
    operands = lstm_operands()
    for position in range(1, 9):
        stored = operands[position]
        assert stored is not None
        assert stored.data is not None
        scale = float(np.abs(stored.data).max()) / 127
        operands[position] = replace(stored, dtype="int8", scale=scale, data=np.round(np.asarray(stored.data) / scale))
    return lstm(operands)


CASES = {
    "lstm": (lstm(), ["LSTM"]),
    "lstm time first": (lstm(timeMajor=True), ["TRANSPOSE", "LSTM", "TRANSPOSE"]),
    "lstm whose clip acts": (lstm(lstm_operands(2.0), cellClip=0.5), ["LSTM"]),
    "lstm whose clip cannot act": (lstm(lstm_operands(2.0), cellClip=10.0), ["LSTM"]),
    "lstm with relu": (lstm(fusedActivationFunction=ACTIVATIONS["RELU"]), ["LSTM"]),
    "rnn": (rnn(), ["SIMPLE_RNN"]),
    "rnn time first": (rnn(timeMajor=True), ["TRANSPOSE", "SIMPLE_RNN", "TRANSPOSE"]),
    "rnn with relu": (rnn(fusedActivationFunction=ACTIVATIONS["RELU"]), ["SIMPLE_RNN"]),
}


@pytest.mark.parametrize("case", CASES)
def test_equals_tflite(case: str) -> None:
    data, ops = CASES[case]
    graph = import_tflite(data, case)
    assert [node.op for node in graph.nodes] == ops
    inputs = random_inputs(data, 5)
    expected = run_reference(data, inputs)["y"]
    (found,) = run(graph, inputs)
    assert relative_error(found, expected) <= 1e-6
    assert len(graph.notes) == 1
    assert "its state is zero when an inference starts" in graph.notes[0]


def test_weights_of_8_bits_are_the_reals_that_they_stand_for() -> None:
    data = hybrid()
    graph = import_tflite(data)
    inputs = random_inputs(data, 5)
    (found,) = run(graph, inputs)
    assert relative_error(found, run_reference(data, inputs)["y"]) <= 0.03
    state, weights = graph.notes
    assert "its state is zero" in state
    assert "its int8 weights are kept as floats; it computes in float32" in weights


def test_a_clip_that_cannot_act_costs_nothing() -> None:
    clips = [import_tflite(CASES[f"lstm whose clip {how}"][0]).nodes[0] for how in ("acts", "cannot act")]
    assert [node.attributes.cell_clip for node in clips] == [0.5, float("inf")]


def test_executions_agree() -> None:
    for case in ("lstm time first", "lstm whose clip acts"):
        data, _ = CASES[case]
        check_executions(import_tflite(data), random_inputs(data, 2), cores=["cm0plus", "cm4"])


def _with(position: int, tensor: TensorSpec | None) -> bytes:
    operands = lstm_operands()
    operands[position] = tensor
    return lstm(operands)


_VECTOR = TensorSpec("v", (UNITS,), "float32", data=np.ones(UNITS))
_MATRIX = TensorSpec("m", (UNITS, UNITS), "float32", data=np.ones((UNITS, UNITS)))
_OTHER_ROWS = TensorSpec("o", (UNITS + 1, FEATURES), "float32", data=np.ones((UNITS + 1, FEATURES)))

REFUSED: Sequence[tuple[bytes, type[SimrefError], str]] = (
    (_with(9, _VECTOR), UnsupportedError, "has peephole weights"),
    (_with(16, _MATRIX), UnsupportedError, "has a projection"),
    (_with(20, _VECTOR), UnsupportedError, "has layer normalization"),
    (_with(1, None), UnsupportedError, "couples its input and forget gates"),
    (_with(13, None), UnsupportedError, "bias of its forget gate, must be a float32 constant"),
    (_with(2, _OTHER_ROWS), ModelError, "must have one shape"),
    (_with(18, replace(_MATRIX, name="h", shape=(1, 16))), UnsupportedError, "its first state is computed or stored"),
    (lstm(cellClip=-1.0), ModelError, "cell_clip is -1.0"),
    (lstm(fusedActivationFunction=ACTIVATIONS["SIGN_BIT"]), UnsupportedError, "activation code is 5"),
)


@pytest.mark.parametrize(("data", "kind", "message"), REFUSED)
def test_refuses(data: bytes, kind: type[SimrefError], message: str) -> None:
    where = 'layer 0 UNIDIRECTIONAL_SEQUENCE_LSTM "y": '
    with pytest.raises(kind, match=re.escape(where) + ".*" + re.escape(message)):
        import_tflite(data)


def _shared_state(op: str, extra: str) -> bytes:
    """Two layers that keep their state in one variable, or another layer that reads it."""
    operands = lstm_operands()
    names = [None if t is None else t.name for t in operands]
    tanh = {"fusedActivationFunction": ACTIVATIONS["TANH"]}
    layer = OperatorSpec("UNIDIRECTIONAL_SEQUENCE_LSTM", names, ["y"], tanh)
    second = replace(layer, outputs=["z"]) if op == layer.op else OperatorSpec(op, [extra], ["z"])
    shape = (BATCH, STEPS, UNITS) if op == layer.op else (BATCH, UNITS)
    tensors = [t for t in operands if t is not None]
    outputs = [TensorSpec("y", (BATCH, STEPS, UNITS), "float32"), TensorSpec("z", shape, "float32")]
    return build_model([*tensors, *outputs], [layer, second], ["x"], ["y", "z"])


@pytest.mark.parametrize("op", ["UNIDIRECTIONAL_SEQUENCE_LSTM", "TANH"])
def test_refuses_variables_that_are_more_than_the_state_of_one_layer(op: str) -> None:
    with pytest.raises(UnsupportedError, match="is a variable \\(state between runs\\)"):
        import_tflite(_shared_state(op, "h"))
