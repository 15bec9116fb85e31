"""The importer reads what is valid and refuses the rest in one line that says where, what and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from simref.errors import ModelError, SimrefError, UnsupportedError
from simref.importers.tflite import import_tflite
from tests.build_tflite import OperatorSpec, TensorSpec, build_model, pack
from tests.importers import models

Damage = Callable[[Any], None]


def _tensor(model: Any, name: str) -> Any:
    return next(t for t in model.subgraphs[0].tensors if t.name == name)


def _set(name: str, **fields: Any) -> Damage:
    def damage(model: Any) -> None:
        tensor = _tensor(model, name)
        for field, value in fields.items():
            setattr(tensor, field, value)

    return damage


def _quantize(name: str, **fields: Any) -> Damage:
    def damage(model: Any) -> None:
        quantization = _tensor(model, name).quantization
        for field, value in fields.items():
            setattr(quantization, field, np.array(value) if isinstance(value, list) else value)

    return damage


def _scale(name: str, *values: float) -> Damage:
    return _quantize(name, scale=np.array(values, np.float32))


def _points(name: str, *values: int) -> Damage:
    return _quantize(name, zeroPoint=np.array(values, np.int64))


def _operator(index: int, **fields: Any) -> Damage:
    def damage(model: Any) -> None:
        for field, value in fields.items():
            setattr(model.subgraphs[0].operators[index], field, np.array(value) if isinstance(value, list) else value)

    return damage


def _graph(**fields: list[int]) -> Damage:
    def damage(model: Any) -> None:
        for field, value in fields.items():
            setattr(model.subgraphs[0], field, np.array(value, np.int32))

    return damage


def _version(model: Any) -> None:
    model.version = 7


def _no_subgraph(model: Any) -> None:
    model.subgraphs = []


def _reversed(model: Any) -> None:
    model.subgraphs[0].operators.reverse()


def _longer_buffer(model: Any) -> None:
    model.buffers[_tensor(model, "w").buffer].data = np.zeros(55, np.uint8)


def _data_behind_the_file(model: Any) -> None:
    buffer = model.buffers[_tensor(model, "w").buffer]
    buffer.data, buffer.offset, buffer.size = None, 1 << 40, 54


def _second_signature(model: Any) -> None:
    model.subgraphs.append(model.subgraphs[0])
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = "decode", 1
    model.signatureDefs = [signature]


def _sparse(model: Any) -> None:
    _tensor(model, "w").sparsity = schema.SparsityParametersT()


def _wrong_options(model: Any) -> None:
    operator = model.subgraphs[0].operators[0]
    operator.builtinOptions, operator.builtinOptionsType = schema.AddOptionsT(), schema.BuiltinOptions.AddOptions


def _no_options(model: Any) -> None:
    operator = model.subgraphs[0].operators[0]
    operator.builtinOptions, operator.builtinOptionsType = None, 0


def _custom(name: str) -> Damage:
    def damage(model: Any) -> None:
        code = model.operatorCodes[0]
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
        code.customCode = name

    return damage


def _unknown_code(model: Any) -> None:
    model.operatorCodes[0].builtinCode = 4711


def _long_name(model: Any) -> None:
    _tensor(model, "x").name = "x" * 5000


INT32_MAX = 2**31 - 1
NAN, INF = float("nan"), float("inf")

CASES: dict[str, tuple[Damage, type[SimrefError], str]] = {
    "wrong version": (_version, ModelError, "schema version is 7, must be 3"),
    "no subgraph": (_no_subgraph, ModelError, "no subgraph"),
    "second signature": (_second_signature, UnsupportedError, '"decode" runs subgraph 1'),
    "dynamic shape": (_set("conv", shape=[1, -1, 4, 2]), UnsupportedError, '"conv" has the dynamic shape'),
    "open input": (_set("x", shapeSignature=[1, -1, 4, 3]), UnsupportedError, '"x" has the dynamic shape'),
    "huge shape": (_set("x", shape=[INT32_MAX] * 4), UnsupportedError, "must be at most"),
    "huge constant": (_set("w", shape=[2, 3, 3, 1 << 20]), ModelError, "its buffer has 54 bytes"),
    "too many dimensions": (_set("x", shape=[1] * 9), ModelError, "9 dimensions, must be at most 8"),
    "buffer too long": (_longer_buffer, ModelError, "its buffer has 55 bytes, must be 54"),
    "buffer out of range": (_set("w", buffer=99), ModelError, "buffer 99"),
    "data behind the file": (_data_behind_the_file, ModelError, "ends at byte"),
    "type float16": (_set("x", type=1), UnsupportedError, '"x" is FLOAT16, must be'),
    "type unknown": (_set("x", type=99), UnsupportedError, '"x" is TensorType 99, must be'),
    "variable": (_set("conv", isVariable=True), UnsupportedError, '"conv" is a variable'),
    "external": (_set("w", externalBuffer=1), UnsupportedError, "another file"),
    "sparse": (_sparse, UnsupportedError, '"w" is stored sparse'),
    "name too long": (_long_name, ModelError, "a name has 5000 bytes"),
    "scale NaN": (_scale("x", NAN), ModelError, '"x" has scale nan, must be a positive number'),
    "scale infinite": (_scale("x", INF), ModelError, '"x" has scale inf'),
    "scale zero": (_scale("w", 1.0, 0.0), ModelError, '"w" has scale 0.0'),
    "scale negative": (_scale("conv", -1.0), ModelError, '"conv" has scale -1.0'),
    "scale next to zero": (_scale("conv", 1e-40), ModelError, '"conv" has scale 9.99995e-41, must be 1e-18 to 1e+18'),
    "zero point": (_points("x", 128), ModelError, '"x" has zero point 128, must be -128 to 127 for int8'),
    "zero points missing": (_points("w", 0), ModelError, "2 scales and 1 zero points"),
    "scales of other channels": (
        lambda model: (_scale("w", 1, 1, 1)(model), _points("w", 0, 0, 0)(model))[-1],
        ModelError,
        '"w" has 3 scales, must be 1 or 2',
    ),
    "quantized dimension": (_quantize("w", quantizedDimension=4), ModelError, "along dimension 4, it has 4"),
    "negative dimension": (_quantize("w", quantizedDimension=-1), ModelError, "along dimension -1"),
    "operator code": (_operator(0, opcodeIndex=5), ModelError, "operator 0 has operator code 5, the file has 2"),
    "unknown code": (_unknown_code, UnsupportedError, "BuiltinOperator 4711"),
    "custom operator": (_custom("Whirl"), UnsupportedError, 'layer 0 CUSTOM "conv": it is the custom operator "Whirl"'),
    "operator of TensorFlow": (
        _custom("FlexErf"),
        UnsupportedError,
        "must be a builtin one. Convert without SELECT_TF_OPS.",
    ),
    "input index": (_operator(0, inputs=[0, 99, 2]), ModelError, "inputs names tensor 99, the model has 6"),
    "input index negative": (_operator(0, inputs=[0, -2, 2]), ModelError, "inputs names tensor -2"),
    "output index": (_operator(1, outputs=[6]), ModelError, "outputs names tensor 6"),
    "output absent": (_operator(1, outputs=[-1]), ModelError, "outputs names tensor -1"),
    "no output": (_operator(1, outputs=[]), ModelError, "writes no tensor"),
    "model input index": (_graph(inputs=[-1]), ModelError, "inputs list: inputs names tensor -1"),
    "model output index": (_graph(outputs=[77]), ModelError, "names tensor 77"),
    "cyclic": (_operator(0, inputs=[5, 1, 2]), ModelError, '"y", which is written by operator 1 RESHAPE, not before'),
    "reads itself": (_operator(0, inputs=[3, 1, 2]), ModelError, '"conv", which is written by operator 0 CONV_2D, not'),
    "out of order": (_reversed, ModelError, 'operator 0 RESHAPE reads tensor "conv"'),
    "unwritten": (_graph(inputs=[]), ModelError, 'reads tensor "x", which nothing writes'),
    "written twice": (_operator(1, outputs=[3]), ModelError, "written by operator 0 CONV_2D and also written by"),
    "constant written": (_operator(1, outputs=[1]), ModelError, '"w" is a constant and also written by operator 1'),
    "input written": (_graph(inputs=[0, 5]), ModelError, '"y" is an input of the model and also written'),
    "input twice": (_graph(inputs=[0, 0]), ModelError, '"x" is an input of the model and also an input'),
    "output twice": (_graph(outputs=[5, 5]), UnsupportedError, "twice among its outputs"),
    "output is constant": (_graph(outputs=[5, 1]), UnsupportedError, '"w" is an input or a constant'),
    "wrong options": (_wrong_options, ModelError, "options table is AddOptions, must be Conv2DOptions"),
    "no options": (_no_options, ModelError, 'layer 0 CONV_2D "conv"'),
}


@pytest.mark.parametrize("case", CASES)
def test_refuses(case: str) -> None:
    damage, kind, message = CASES[case]
    model = models.convolution()
    damage(model)
    with pytest.raises(kind, match=re.escape(message)) as caught:
        _checked(pack(model))
    assert "\n" not in str(caught.value)
    assert kind is not ModelError or str(caught.value).startswith("m.tflite: ")


def _checked(data: bytes) -> None:
    from simref.check import check_graph

    check_graph(import_tflite(data, "m.tflite"))


@pytest.mark.parametrize("data", [b"", b"TFL", b"\x00" * 64, b"\x89HDF\r\n\x1a\n" + b"\x00" * 64, b"hello world\n" * 9])
def test_refuses_what_is_no_tflite(data: bytes) -> None:
    with pytest.raises(ModelError, match=r"^m\.tflite: not a TFLite model"):
        import_tflite(data, "m.tflite")


def test_refuses_every_truncation() -> None:
    data = pack(models.convolution())
    for length in range(len(data)):
        with pytest.raises(SimrefError) as caught:
            import_tflite(data[:length], "m.tflite")
        assert "\n" not in str(caught.value)


def test_imports_a_convolution() -> None:
    graph = import_tflite(pack(models.convolution()), "m.tflite")
    convolution, reshape = graph.layers
    assert (str(convolution), str(reshape)) == ('layer 0 CONV_2D "conv"', 'layer 1 RESHAPE "y"')
    assert [t.name for t in convolution.inputs if t] == ["x", "w", "b"]
    assert [t.name for t in reshape.inputs if t] == ["conv"]
    assert convolution.attributes.pads == (1, 1, 1, 1)
    weights = convolution.input(1)
    assert weights.quantization is not None
    assert weights.quantization.axis == 0
    assert weights.quantization.scale.tolist() == [0.25, 0.5]
    assert convolution.constant(2).tolist() == [7, -7]
    assert (convolution.output.scale, convolution.output.zero_point) == (2.0, 1)


def test_folds_the_shape_arithmetic_of_flatten() -> None:
    graph = import_tflite(pack(models.flattening()), "m.tflite")
    assert [node.op for node in graph.nodes] == ["RESHAPE"]
    assert [tensor.name for tensor in graph.tensors] == ["x", "y"]


def test_drops_what_no_output_needs() -> None:
    model = models.convolution()
    model.subgraphs[0].outputs = np.array([3], np.int32)
    graph = import_tflite(pack(model))
    assert [node.op for node in graph.nodes] == ["CONV_2D"]
    assert [tensor.name for tensor in graph.tensors] == ["x", "w", "b", "conv"]


def test_refuses_operators_it_does_not_know_by_layer() -> None:
    specs = [TensorSpec("x", (1, 4), "float32"), TensorSpec("h", (1, 4), "float32"), TensorSpec("y", (1, 4), "float32")]
    operators = [OperatorSpec("COMPLEX_ABS", ["x"], ["h"]), OperatorSpec("SEGMENT_SUM", ["h"], ["y"])]
    with pytest.raises(
        UnsupportedError, match=r'^layer 0 COMPLEX_ABS "h" is not supported.*\(1 more layer is refused\.\)$'
    ):
        _checked(build_model(specs, operators, ["x"], ["y"]))


def test_reads_data_stored_behind_the_flatbuffer() -> None:
    model = models.convolution()
    buffer = model.buffers[_tensor(model, "w").buffer]
    weights, buffer.data = buffer.data, None
    buffer.offset, buffer.size = 1 << 20, weights.size
    head = pack(model)
    buffer.offset = len(head)
    data = pack(model) + weights.tobytes()
    graph = import_tflite(data)
    assert graph.layers[0].constant(1).tobytes() == weights.tobytes()


def test_names_are_printable_and_never_empty() -> None:
    model = models.convolution()
    _tensor(model, "x").name = "line\nbreak\x1b[31m"
    _tensor(model, "y").name = ""
    graph = import_tflite(pack(model))
    assert {"line?break?[31m", "tensor_5"} <= {tensor.name for tensor in graph.tensors}


def test_an_empty_tensor_is_a_constant() -> None:
    specs = [
        TensorSpec("x", (1, 1), scale=1.0),
        TensorSpec("to", (0,), "int32"),
        TensorSpec("y", (), scale=1.0),
    ]
    graph = import_tflite(build_model(specs, [OperatorSpec("RESHAPE", ["x", "to"], ["y"])], ["x"], ["y"]))
    assert graph.layers[0].output.shape == ()
