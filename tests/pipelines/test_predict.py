"""The pipeline as a function: what it returns, and that a wrong C program is caught and said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import simref
from costmodel.errors import InstructionLimit, StackOverflow, WildAccess
from simref.pipelines import predict as predict_module
from simref.pipelines.predict import Model, predict_core, prepare
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.models_present import EXAMPLE


@pytest.fixture(scope="module")
def model() -> Model:
    return prepare(EXAMPLE, samples=1)


def test_the_python_api_loads_runs_and_predicts() -> None:
    graph = simref.load(EXAMPLE)
    inputs = np.zeros((3, *graph.tensors[graph.inputs[0]].shape), np.int8)
    outputs = simref.run(graph, inputs)
    assert outputs[0].shape == (3, 1, 10)
    prediction = simref.predict(EXAMPLE, core="cm3")
    assert prediction.exact.mismatches == 0
    assert prediction.exact.tensors == len(graph.nodes)
    assert prediction.cycles >= prediction.instructions > 0
    assert prediction.latency_s == prediction.cycles / prediction.clock_hz


def test_one_wrong_bit_is_found_and_placed(model: Model) -> None:
    index = model.graph.nodes[3].outputs[0]
    values = model.expected(fused=True)
    expected = {**values, index: values[index].copy()}
    expected[index].reshape(-1)[5] ^= 1
    prediction = predict_core(replace(model, values={True: expected}), core="cm7")
    assert prediction.exact.mismatches == 1
    difference = prediction.exact.differences[0]
    assert str(difference).startswith("layer 3 ")
    assert difference.position == np.unravel_index(5, model.graph.tensors[index].shape)
    assert abs(difference.found - difference.expected) == 1


def with_code(model: Model, statement: str) -> Model:
    """The model with a statement put into its fourth layer's function."""
    files = dict(model.project.files)
    text = files["network_layers.c"]
    head = "void network_layer_3(uint8_t *arena) {\n"
    assert head in text
    helper = "int32_t network_recurse(int32_t n);\nint32_t network_recurse(int32_t n) {\n    volatile int32_t x[64];\n"
    helper += "    x[n & 63] = n;\n    return n > 0 ? network_recurse(n + 1) + x[0] : 0;\n}\n\n"
    comment = text.rindex("/* Layer 3:")
    text = text[:comment] + helper + text[comment:].replace(head, head + statement, 1)
    return replace(model, project=replace(model.project, files={**files, "network_layers.c": text}))


@pytest.mark.parametrize(
    ("statement", "error", "words"),
    [
        ("    *(volatile int32_t *)0x60000000 = 1;\n", WildAccess, ["0x60000000", "network_layers.c:"]),
        ("    for (volatile int32_t i = 0;;) { i++; }\n", InstructionLimit, ["limit", "network_layers.c:"]),
        ("    arena[0] = (uint8_t)network_recurse(1);\n", StackOverflow, ["stack"]),
    ],
)
def test_a_fault_names_the_layer_the_place_and_the_address(
    model: Model, statement: str, error: type[Exception], words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predict_module, "INSTRUCTION_LIMIT", 5_000_000)
    with pytest.raises(error) as found:
        predict_core(with_code(model, statement), core="cm4", toolchain="auto")
    message = str(found.value)
    assert message.startswith("layer 3 CONV_2D")
    for word in words:
        assert word in message
    assert "\n" not in message


def test_a_caveat_of_an_operator_is_told(tmp_path: Path) -> None:
    specs = [
        TensorSpec("x", (1, 4), scale=0.1, zero_point=0),
        TensorSpec("axes", (1,), "int32", data=[1]),
        TensorSpec("y", (1,), scale=0.5, zero_point=0),
    ]
    path = tmp_path / "sum.tflite"
    path.write_bytes(build_model(specs, [OperatorSpec("SUM", ["x", "axes"], ["y"], {"keepDims": False})], ["x"], ["y"]))
    assert any("uint8" in note for note in simref.predict(path, core="cm4").notes)
