"""Build small TFLite models in memory, so that tests state exactly the file they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import ArrayLike

SAME, VALID = schema.Padding.SAME, schema.Padding.VALID
ACTIVATIONS: dict[str, int] = {
    name: code for name, code in vars(schema.ActivationFunctionType).items() if not name.startswith("_")
}
_CODES: dict[str, int] = {name: code for name, code in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
_TYPES: dict[str, int] = {
    name.lower(): code for name, code in vars(schema.TensorType).items() if not name.startswith("_")
}

# The options table of an operator whose table is not its own name in CamelCase + "Options".
_OPTIONS = {
    "CONV_2D": "Conv2DOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "BATCH_MATMUL": "BatchMatMulOptions",
    "BATCH_TO_SPACE_ND": "BatchToSpaceNDOptions",
    "SPACE_TO_BATCH_ND": "SpaceToBatchNDOptions",
    "PADV2": "PadV2Options",
    "GATHER_ND": "GatherNdOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "MEAN": "ReducerOptions",
    "SUM": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "REDUCE_PROD": "ReducerOptions",
    "L2_NORMALIZATION": "L2NormOptions",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTMOptions",
    "UNIDIRECTIONAL_SEQUENCE_RNN": "SequenceRNNOptions",
}


@dataclass(frozen=True)
class TensorSpec:
    """A tensor of the model.

    shape: as stored; tests of bad input may give negative or huge dimensions.
    scale: None (not quantized), one number, or one per channel of `axis`. zero_point: one, or one per scale.
    data: the constant's values, of `shape` and `dtype`; None for a computed tensor.
    """

    name: str
    shape: Sequence[int]
    dtype: str = "int8"
    scale: float | Sequence[float] | None = None
    zero_point: int | Sequence[int] = 0
    axis: int = 0
    data: ArrayLike | None = None
    shape_signature: Sequence[int] | None = None
    variable: bool = False


@dataclass(frozen=True)
class OperatorSpec:
    """An operator of the model: its inputs and outputs are tensor names, None is an absent input.

    options: fields of the builtin options table by the object API's names, e.g. {"strideH": 2}.
    """

    op: str
    inputs: Sequence[str | None]
    outputs: Sequence[str]
    options: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1


def options_table(op: str) -> str | None:
    """The name of the options table of an operator, e.g. "Conv2DOptions"; None where it has none."""
    table = _OPTIONS.get(op, "".join(word.capitalize() for word in op.split("_")) + "Options")
    return table if hasattr(schema, f"{table}T") else None


def build_model(
    tensors: Sequence[TensorSpec],
    operators: Sequence[OperatorSpec],
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> bytes:
    """The TFLite flatbuffer of one subgraph with these tensors, operators, inputs and outputs."""
    return pack(model_object(tensors, operators, inputs, outputs))


def model_object(
    tensors: Sequence[TensorSpec],
    operators: Sequence[OperatorSpec],
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> Any:
    """The same as an object of the schema (`ModelT`), for tests that damage a field before packing it."""
    index = {tensor.name: position for position, tensor in enumerate(tensors)}
    kinds = list(dict.fromkeys((operator.op, operator.version) for operator in operators))
    model, subgraph = schema.ModelT(), schema.SubGraphT()
    model.version = 3
    model.buffers = [schema.BufferT()]
    subgraph.tensors = [_tensor(tensor, model.buffers) for tensor in tensors]
    subgraph.operators = [_operator(o, kinds.index((o.op, o.version)), index) for o in operators]
    subgraph.inputs = _indices(inputs, index)
    subgraph.outputs = _indices(outputs, index)
    subgraph.name = "main"
    model.subgraphs = [subgraph]
    model.operatorCodes = [_operator_code(op, version) for op, version in kinds]
    return model


def pack(model: Any) -> bytes:
    """The flatbuffer of a `ModelT`."""
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _indices(names: Sequence[str | None], index: Mapping[str, int]) -> Any:
    return np.array([-1 if name is None else index[name] for name in names], np.int32)


def _tensor(spec: TensorSpec, buffers: list[Any]) -> Any:
    tensor = schema.TensorT()
    tensor.name, tensor.type, tensor.isVariable = spec.name, _TYPES[spec.dtype], spec.variable
    tensor.shape = np.array(spec.shape, np.int32)
    tensor.hasRank = True
    if spec.shape_signature is not None:
        tensor.shapeSignature = np.array(spec.shape_signature, np.int32)
    if spec.scale is not None:
        tensor.quantization = _quantization(spec)
    if spec.data is not None:
        buffer = schema.BufferT()
        data = np.ascontiguousarray(np.asarray(spec.data, np.dtype(spec.dtype)))
        buffer.data = np.frombuffer(data.tobytes(), np.uint8)
        tensor.buffer = len(buffers)
        buffers.append(buffer)
    return tensor


def _quantization(spec: TensorSpec) -> Any:
    quantization = schema.QuantizationParametersT()
    scale = np.atleast_1d(np.asarray(spec.scale, np.float32))
    zero_point = np.atleast_1d(np.asarray(spec.zero_point, np.int64))
    if zero_point.size == 1:
        zero_point = np.full(scale.size, zero_point[0], np.int64)
    quantization.scale, quantization.zeroPoint = scale, zero_point
    quantization.quantizedDimension = spec.axis
    return quantization


def _operator(spec: OperatorSpec, opcode_index: int, index: Mapping[str, int]) -> Any:
    operator = schema.OperatorT()
    operator.opcodeIndex = opcode_index
    operator.inputs, operator.outputs = _indices(spec.inputs, index), _indices(spec.outputs, index)
    table = options_table(spec.op)
    if table is not None:
        options = getattr(schema, f"{table}T")()
        for name, value in spec.options.items():
            if not hasattr(options, name):
                raise AttributeError(f"{table} has no field {name!r}, it has {sorted(vars(options))}")
            setattr(options, name, value)
        operator.builtinOptions = options
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, table)
    elif spec.options:
        raise ValueError(f"{spec.op} has no options table")
    return operator


def _operator_code(op: str, version: int) -> Any:
    code = schema.OperatorCodeT()
    code.builtinCode, code.version = _CODES[op], version
    # Readers from before codes above 127 existed see this placeholder there.
    code.deprecatedBuiltinCode = min(_CODES[op], schema.BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES)
    if op == "CUSTOM":
        code.customCode = "MyCustomOp"
    return code
