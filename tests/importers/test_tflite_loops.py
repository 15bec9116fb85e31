"""Loops are recurrent layers only where every part of them is what Keras writes; others are refused by name."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from simref.errors import ModelError, UnsupportedError
from simref.importers.tflite import import_tflite
from simref.interpreter import run
from tests.build_tflite import pack
from tests.importers.test_tflite_float import FOLDER

Damage = Callable[[Any], None]
LSTM, GRU, RNN = range(3)


def _loops() -> Any:
    return schema.ModelT.InitFromPackedBuf(FOLDER.joinpath("loops.tflite").read_bytes())


def _op(model: Any, operator: Any) -> int:
    return int(model.operatorCodes[operator.opcodeIndex].builtinCode)


def _operators(model: Any, graph: Any, name: str) -> list[Any]:
    return [o for o in graph.operators if _op(model, o) == getattr(schema.BuiltinOperator, name)]


def _parts(model: Any, loop: int) -> tuple[Any, Any]:
    """The condition and the step of a loop."""
    options = _operators(model, model.subgraphs[0], "WHILE")[loop].builtinOptions
    return model.subgraphs[options.condSubgraphIndex], model.subgraphs[options.bodySubgraphIndex]


def _replace(model: Any, graph: Any, operator: Any, position: int, *values: float) -> None:
    """A new constant in the place of an operand of the same type and shape."""
    tensor, buffer = copy(graph.tensors[operator.inputs[position]]), schema.BufferT()
    dtype = np.int32 if tensor.type == schema.TensorType.INT32 else np.float32
    buffer.data = np.frombuffer(np.array(values, dtype).tobytes(), np.uint8)
    tensor.buffer = len(model.buffers)
    model.buffers.append(buffer)
    operator.inputs = operator.inputs.copy()
    operator.inputs[position] = len(graph.tensors)
    graph.tensors.append(tensor)


def _fewer_steps(model: Any) -> None:
    condition, _ = _parts(model, RNN)
    for less in _operators(model, condition, "LESS"):
        _replace(model, condition, less, 1, 3)


def _different_limits(model: Any) -> None:
    condition, _ = _parts(model, GRU)
    _replace(model, condition, _operators(model, condition, "LESS")[1], 1, 4)


def _later_start(model: Any) -> None:
    _replace(model, model.subgraphs[0], _operators(model, model.subgraphs[0], "WHILE")[LSTM], 1, 1)


def _longer_steps(model: Any) -> None:
    _, step = _parts(model, LSTM)
    add = _operators(model, step, "ADD")[0]
    _replace(model, step, add, int(add.inputs[0] in step.inputs), 2)


def _wrong(part: int, loop: int, name: str, other: str) -> Damage:
    """Another operator in the place of the first of that name in the condition, 0, or the step, 1."""

    def damage(model: Any) -> None:
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, other)
        _operators(model, _parts(model, loop)[part], name)[0].opcodeIndex = len(model.operatorCodes)
        model.operatorCodes.append(code)

    return damage


def _one_less_something_else(model: Any) -> None:
    _, step = _parts(model, GRU)
    _replace(model, step, _operators(model, step, "SUB")[0], 0, 2.0)


def _swapped_states(model: Any) -> None:
    _, step = _parts(model, LSTM)
    step.outputs = step.outputs[[0, 1, 2, 4, 3, 5]]


def _list_written_elsewhere(model: Any) -> None:
    """What is kept of the list before the new element starts at the second one."""
    _, step = _parts(model, LSTM)
    _replace(model, step, _operators(model, step, "SLICE")[0], 1, 1, 0, 0)


def _counter_is_read(model: Any) -> None:
    graph = model.subgraphs[0]
    graph.outputs = np.append(graph.outputs, _operators(model, graph, "WHILE")[RNN].outputs[0])


CASES: dict[str, tuple[Damage, str]] = {
    "fewer steps": (_fewer_steps, "reads no element of a sequence"),
    "different limits": (_different_limits, "its condition is not a number of steps"),
    "later start": (_later_start, "does not count from 0 in steps of 1"),
    "longer steps": (_longer_steps, "does not count from 0 in steps of 1"),
    "another condition": (_wrong(0, RNN, "LESS", "LESS_EQUAL"), "its condition is not a number of steps"),
    "another activation of LSTM": (_wrong(1, LSTM, "TANH", "LOGISTIC"), "its step computes something else"),
    "another gate of LSTM": (_wrong(1, LSTM, "LOGISTIC", "TANH"), "its step computes something else"),
    "another gate of GRU": (_wrong(1, GRU, "LOGISTIC", "RELU"), "its step computes something else"),
    "another activation of SimpleRNN": (_wrong(1, RNN, "TANH", "EXP"), "its step computes something else"),
    "2 - z": (_one_less_something_else, "its step computes something else"),
    "swapped states": (_swapped_states, "its step computes something else"),
    "counter is read": (_counter_is_read, "its counters or its sequence are read behind it"),
    "list written elsewhere": (_list_written_elsewhere, "size is computed at run time"),
}


@pytest.mark.parametrize("case", CASES)
def test_refuses_other_loops(case: str) -> None:
    damage, reason = CASES[case]
    model = _loops()
    damage(model)
    with pytest.raises(UnsupportedError) as refusal:
        import_tflite(pack(model))
    text = str(refusal.value)
    assert text.startswith("layer ")
    assert ' WHILE "' in text
    assert reason in text
    assert "must be unrolled. Give the Keras file itself, or convert recurrent layers with unroll=True" in text


@pytest.mark.parametrize("subgraph", [0, 99, -1])
def test_refuses_subgraphs_that_are_not_there(subgraph: int) -> None:
    model = _loops()
    _operators(model, model.subgraphs[0], "WHILE")[0].builtinOptions.bodySubgraphIndex = subgraph
    with pytest.raises(ModelError, match=r'WHILE ".*" runs subgraphs \(\d+, -?\d+\), the file has 7'):
        import_tflite(pack(model))


def _carry(graph: Any, tensor: Any) -> Any:
    """The tensor among those of a graph; its position."""
    graph.tensors.append(tensor)
    return np.int32(len(graph.tensors) - 1)


def test_weights_that_are_carried_from_step_to_step_are_constants() -> None:
    model = _loops()
    expected = import_tflite(pack(model))
    graph, (condition, step) = model.subgraphs[0], _parts(model, RNN)
    loop = _operators(model, graph, "WHILE")[RNN]
    weights = _operators(model, step, "FULLY_CONNECTED")[0].inputs[1]
    outer, inner, result = (copy(step.tensors[weights]) for _ in range(3))
    inner.buffer = result.buffer = 0
    result.name = "weights behind the loop"
    step.tensors[weights] = inner
    step.inputs, step.outputs = np.append(step.inputs, weights), np.append(step.outputs, weights)
    condition.inputs = np.append(condition.inputs, _carry(condition, inner))
    loop.inputs = np.append(loop.inputs, _carry(graph, outer))
    loop.outputs = np.append(loop.outputs, _carry(graph, result))
    found = import_tflite(pack(model))
    x = np.random.default_rng(0).normal(0, 1, (2, 1, 5, 4)).astype(np.float32)
    assert [node.op for node in found.nodes] == [node.op for node in expected.nodes]
    np.testing.assert_array_equal(run(found, [x])[0], run(expected, [x])[0])


def test_a_first_state_that_is_not_zero_is_an_operand() -> None:
    model = _loops()
    graph = model.subgraphs[0]
    gru = _operators(model, graph, "WHILE")[GRU]
    _replace(model, graph, gru, 3, *range(5))
    node = next(node for node in import_tflite(pack(model)).nodes if node.op == "GRU")
    assert [index is None for index in node.inputs] == [False] * 6
