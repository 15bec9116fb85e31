from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from simref.errors import ModelError, UnsupportedError
from simref.graph import Graph
from simref.interpreter import run
from tests.executions import check_executions
from tests.importers.onnx_models import Node, build, check, expected, imported, node, ops, typed, values

Scales = dict[str, np.ndarray]


def scale(name: str, step: float, zero: int, dtype: str) -> Scales:
    return {f"{name}_s": np.array(step, np.float32), f"{name}_z": np.array(zero, dtype)}


def quantized(name: str) -> list[Node]:
    """name -> name_q -> name_d."""
    return [
        node("QuantizeLinear", f"{name} {name}_s {name}_z", f"{name}_q"),
        node("DequantizeLinear", f"{name}_q {name}_s {name}_z", f"{name}_d"),
    ]


def check_nearly(model: onnx.ModelProto, *, steps: float, step: float, off: int = 1) -> Graph:
    """The graph, whose elements differ from the model's by at most `off` steps, by `steps` on average.

    Rescaling small integers rounds twice in TFLite: a third of the elements may differ by one.
    """
    graph = imported(model)
    tensor = graph.tensors[graph.inputs[0]]
    x = values(*tensor.shape, seed=3, dtype=tensor.dtype.name)
    (theirs,) = expected(model, {tensor.name: x})
    (ours,) = run(graph, x)
    distance = np.abs(ours[0].astype(np.float64) - theirs) / step
    assert distance.max() <= off + 1e-3
    assert distance.mean() <= steps
    return graph


def convolution(dtype: str, zero: int, *, per_channel: bool) -> onnx.ModelProto:
    weights = values(4, 3, 3, 3, dtype="int8", seed=1)
    count = 4 if per_channel else 1
    steps = np.linspace(0.01, 0.03, count, dtype=np.float32)
    constants: Scales = {
        **scale("x", 0.03, zero, dtype),
        **scale("c", 0.3, zero, dtype),
        "w": weights,
        "w_s": steps if per_channel else steps.reshape(()),
        "w_z": np.zeros(steps.shape if per_channel else (), np.int8),
        "b": np.array([100, -50, 7, 0], np.int32),
        "b_s": np.float32(0.03) * (steps if per_channel else steps.reshape(())),
    }
    nodes = [
        *quantized("x"),
        node("DequantizeLinear", "w w_s w_z", "w_d", axis=0),
        node("DequantizeLinear", "b b_s", "b_d", axis=0),
        node("Conv", "x_d w_d b_d", "r", pads=[1, 1, 1, 1]),
        node("Relu", "r", "c"),
        *quantized("c"),
    ]
    return build(nodes, {"x": (1, 3, 6, 5)}, "c_d", constants)


@pytest.mark.parametrize("per_channel", [True, False])
@pytest.mark.parametrize(("dtype", "zero"), [("int8", -5), ("uint8", 120)])
def test_a_quantized_convolution_is_one_integer_layer(dtype: str, zero: int, per_channel: bool) -> None:
    graph = check_nearly(convolution(dtype, zero, per_channel=per_channel), steps=0.01, step=0.3)
    assert ops(graph) == ["QUANTIZE", "TRANSPOSE", "CONV_2D", "TRANSPOSE", "DEQUANTIZE"]
    layer = graph.layers[2]
    assert {tensor.dtype.name for tensor in (*layer.inputs, layer.output) if tensor} == {"int8", "int32"}
    assert layer.attributes.activation.name == "RELU"
    assert graph.notes == ()
    check_executions(graph, [values(1, 3, 6, 5)])


def test_integers_of_a_bias_are_those_of_the_file() -> None:
    layer = imported(convolution("int8", 0, per_channel=True)).layers[2]
    assert layer.constant(2).tolist() == [100, -50, 7, 0]
    np.testing.assert_array_equal(layer.constant(1).transpose(0, 3, 1, 2), values(4, 3, 3, 3, dtype="int8", seed=1))


def test_inputs_and_outputs_keep_their_dtype() -> None:
    constants = {**scale("x", 0.03, 128, "uint8"), **scale("y", 0.0611, 100, "uint8")}
    nodes = [
        node("DequantizeLinear", "x x_s x_z", "d"),
        node("MaxPool", "d", "p", kernel_shape=[2, 2]),
        node("QuantizeLinear", "p y_s y_z", "y"),
    ]
    graph = check_nearly(build(nodes, {"x": (1, 1, 6, 5)}, "y", constants, dtypes={"x": "uint8"}), steps=0.4, step=1)
    assert {t.dtype.name for t in (graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]])} == {"uint8"}
    assert set(ops(graph)) == {"QUANTIZE", "RESHAPE", "MAX_POOL_2D"}


def test_pooling_of_the_integers_themselves() -> None:
    constants = {**scale("x", 0.03, 128, "uint8")}
    nodes = [
        node("QuantizeLinear", "x x_s x_z", "q"),
        node("MaxPool", "q", "p", kernel_shape=[2, 2]),
        node("Flatten", "p", "f"),
        node("DequantizeLinear", "f x_s x_z", "y"),
    ]
    graph = check_nearly(build(nodes, {"x": (1, 1, 6, 5)}, "y", constants), steps=0.02, step=0.03)
    assert ops(graph) == ["QUANTIZE", "RESHAPE", "MAX_POOL_2D", "RESHAPE", "DEQUANTIZE"]


ELEMENTWISE = [("Add", "ADD"), ("Mul", "MUL"), ("Sub", "SUB"), ("Max", "MAXIMUM")]


@pytest.mark.parametrize(("name", "op"), ELEMENTWISE)
def test_elementwise_layers(name: str, op: str) -> None:
    constants = {**scale("x", 0.03, -5, "int8"), **scale("z", 0.0217, 4, "int8"), **scale("y", 0.0713, 3, "int8")}
    nodes = [
        node("Neg", "x", "z"),
        *quantized("x"),
        *quantized("z"),
        node(name, "x_d z_d", "y"),
        *quantized("y"),
    ]
    graph = check_nearly(build(nodes, {"x": (3, 7)}, "y_d", constants), steps=0.4, step=0.0713)
    assert next(layer for layer in graph.layers if layer.op == op).output.dtype == np.int8


def test_operands_of_a_join_go_to_its_scale() -> None:
    constants = {**scale("x", 0.03, -5, "int8"), **scale("z", 0.0217, 4, "int8"), **scale("y", 0.0513, 3, "int8")}
    nodes = [
        node("Neg", "x", "z"),
        *quantized("x"),
        *quantized("z"),
        node("Concat", "x_d z_d", "y", axis=1),
        *quantized("y"),
    ]
    graph = check_nearly(build(nodes, {"x": (3, 7)}, "y_d", constants), steps=0.4, step=0.0513)
    assert ops(graph) == ["NEG", "QUANTIZE", "QUANTIZE", "QUANTIZE", "QUANTIZE", "CONCATENATION", "DEQUANTIZE"]


def test_what_int8_refuses_stays_float_and_is_noted() -> None:
    constants = {**scale("x", 0.03, -5, "int8"), **scale("s", 0.01, 0, "int8")}
    nodes = [*quantized("x"), node("Softmax", "x_d", "s"), *quantized("s")]
    graph = check_nearly(build(nodes, {"x": (3, 7)}, "s_d", constants), steps=0.01, step=0.01)
    assert ops(graph) == ["QUANTIZE", "DEQUANTIZE", "SOFTMAX", "QUANTIZE", "DEQUANTIZE"]
    (note,) = graph.notes
    assert note.startswith('layer SOFTMAX "Softmax_s" computes in float32, because as int8 output scale')


def operator(op: str, operands: str, *, domain: str = "", **attributes: int) -> Node:
    return node(op, operands, "q", domain=domain, **attributes)


QLINEAR: list[tuple[Sequence[Node], dict[str, np.ndarray], str]] = [
    (
        [operator("QLinearConv", "x_q x_s x_z w w_s w_z y_s y_z b")],
        {
            "w": values(4, 3, 2, 2, dtype="int8"),
            "w_s": np.linspace(0.01, 0.02, 4, dtype=np.float32),
            "w_z": np.zeros(4, np.int8),
            "b": np.arange(4, dtype=np.int32),
        },
        "CONV_2D",
    ),
    (
        [operator("QLinearMatMul", "x_q x_s x_z m m_s m_z y_s y_z")],
        {"m": values(5, 4, dtype="int8"), "m_s": np.array(0.01, np.float32), "m_z": np.array(0, np.int8)},
        "FULLY_CONNECTED",
    ),
    ([operator("QLinearAdd", "x_q x_s x_z x_q x_s x_z y_s y_z", domain="com.microsoft")], {}, "ADD"),
    ([operator("QLinearSigmoid", "x_q x_s x_z l_s l_z", domain="com.microsoft")], {}, "LOGISTIC"),
    ([operator("QLinearSoftmax", "x_q x_s x_z l_s l_z", domain="com.microsoft", opset=13)], {}, "SOFTMAX"),
    (
        [operator("QLinearConcat", "y_s y_z x_q x_s x_z x_q x_s x_z", domain="com.microsoft", axis=1)],
        {},
        "CONCATENATION",
    ),
]


@pytest.mark.parametrize(("nodes", "constants", "op"), QLINEAR)
def test_operators_of_integers(nodes: list[Node], constants: dict[str, np.ndarray], op: str) -> None:
    pytest.importorskip("onnxruntime", reason="ONNX's evaluator has none of another domain")
    stored = {
        **scale("x", 0.03, -5, "int8"),
        **scale("y", 0.1127, 3, "int8"),
        **scale("l", 1 / 256, -128, "int8"),
        **constants,
    }
    step, zero = ("l_s", "l_z") if op in ("LOGISTIC", "SOFTMAX") else ("y_s", "y_z")
    around = [
        node("QuantizeLinear", "x x_s x_z", "x_q"),
        *nodes,
        node("DequantizeLinear", f"q {step} {zero}", "y"),
    ]
    graph = check_nearly(build(around, {"x": (1, 3, 6, 5)}, "y", stored), steps=0.4, step=float(stored[step]))
    assert next(layer for layer in graph.layers if layer.op == op).output.dtype == np.int8


def test_integers_that_are_not_dequantized_are_not_computed_with() -> None:
    constants = {**scale("x", 0.03, -5, "int8")}
    nodes = [node("QuantizeLinear", "x x_s x_z", "q"), node("Add", "q q", "y")]
    with pytest.raises(UnsupportedError, match="integers of a quantized tensor"):
        imported(build(nodes, {"x": (3, 7)}, "y", constants))


def test_another_scale_than_the_quantized_one_is_refused() -> None:
    constants = {**scale("x", 0.03, -5, "int8"), **scale("y", 0.04, -5, "int8")}
    nodes = [node("QuantizeLinear", "x x_s x_z", "q"), node("DequantizeLinear", "q y_s y_z", "y")]
    with pytest.raises(UnsupportedError, match="not those that"):
        imported(build(nodes, {"x": (3, 7)}, "y", constants))


def test_weights_in_blocks_are_decoded() -> None:
    nodes = [node("DequantizeLinear", "w w_s", "d", axis=0, block_size=2), node("MatMul", "x d", "y")]
    constants = {"w": values(4, 5, dtype="int8"), "w_s": np.full((2, 5), 0.1, np.float32)}
    assert ops(check(build(nodes, {"x": (3, 4)}, "y", constants, opset=21))) == ["FULLY_CONNECTED"]


Parts = tuple[str, np.ndarray, np.ndarray, dict[str, int]]
PARTS: dict[str, Parts] = {
    "per channel": ("uint8", np.array([0.5, 0.1, 0.03], np.float32), np.array([3, 128, 255]), {"axis": 1}),
    "uint16": ("uint16", np.array(0.01, np.float32), np.array(32767), {}),
    "int16": ("int16", np.array(0.001, np.float32), np.array(-1024), {}),
    "blocks": (
        "int8",
        np.abs(values(2, 2, 4)) + np.float32(0.01),
        np.full((2, 2, 4), -5),
        {"axis": 1, "block_size": 2},
    ),
}


@pytest.mark.parametrize("kind", PARTS)
@pytest.mark.parametrize("op", ["QuantizeLinear", "DequantizeLinear"])
def test_scales_without_a_layer_are_spelled_out(op: str, kind: str) -> None:
    """Bit for bit as ONNX's own evaluator computes it."""
    dtype, step, zero, attributes = PARTS[kind]
    constants = {"s": step, "z": zero.astype(dtype)}
    info = np.iinfo(dtype)
    source = "float32" if op == "QuantizeLinear" else dtype
    x = values(2, 3, 4) * 100 if source == "float32" else np.linspace(info.min, info.max, 24).reshape(2, 3, 4)
    model = build(
        [node(op, "x s z", "y", **attributes)], {"x": x.shape}, "y", constants, dtypes={"x": source}, opset=21
    )
    graph = imported(model)
    check_executions(graph, [x[np.newaxis].astype(source)], cores=("cm0plus", "cm4"))
    (found,) = run(graph, x[np.newaxis].astype(source))
    (wanted,) = ReferenceEvaluator(typed(model)).run(None, {"x": x.astype(source)})
    assert found.dtype == np.asarray(wanted).dtype
    np.testing.assert_array_equal(found[0], wanted)


def test_blocks_that_do_not_fit_are_refused() -> None:
    steps = {"s": np.ones((2, 4), np.float32)}
    for size in (0, 3):
        linear = node("DequantizeLinear", "x s", "y", axis=1, block_size=size)
        with pytest.raises(ModelError, match="scales for blocks of"):
            imported(build([linear], {"x": (2, 4)}, "y", steps, dtypes={"x": "int8"}, opset=21))
