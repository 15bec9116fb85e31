"""A TFLite flatbuffer to a graph of stored nodes, trusting nothing that the file says.

A stored node keeps every operand, and as attributes its options table unread (an object of the `tflite` package, or
None). Every size and index is checked against the file before anything of that size is made: a file of n bytes costs
O(n) memory, whatever it claims. The format is tensorflow/lite/schema/schema.fbs, version 3.
"""

from __future__ import annotations

import dataclasses
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import tflite

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array, Graph, Node, Quantization, Shape, Tensor

IDENTIFIER = b"TFL3"
SCHEMA_VERSION = 3
# Larger than any memory a Cortex-M addresses as one region of RAM or external flash.
MAX_TENSOR_BYTES = 1 << 28
# TFLite's runtime itself stops at 8 dimensions (broadcasts at 5 or 6).
MAX_RANK = 8
MAX_OPERANDS = 4096
# Products and quotients of two such scales stay among the normal numbers of float32.
ACTIVATION_SCALES = (1e-18, 1e18)
MAX_NAME_BYTES = 4096
# The operands of recurrent operators that are states: variables, zeros when a run starts.
STATES = {"UNIDIRECTIONAL_SEQUENCE_LSTM": (18, 19), "UNIDIRECTIONAL_SEQUENCE_RNN": (4,)}

# What reading a damaged flatbuffer may raise: offsets out of the buffer, impossible lengths, bytes that are no text.
DAMAGE = (struct.error, IndexError, KeyError, TypeError, ValueError, OverflowError, MemoryError, AttributeError)

_DTYPES = {
    tflite.TensorType.FLOAT32: "float32",
    tflite.TensorType.FLOAT16: "float16",  # weights that DEQUANTIZE widens
    tflite.TensorType.INT32: "int32",
    tflite.TensorType.UINT8: "uint8",
    tflite.TensorType.INT64: "int64",
    tflite.TensorType.BOOL: "bool",
    tflite.TensorType.INT16: "int16",
    tflite.TensorType.INT8: "int8",
}
# The vtable slot of Tensor.external_buffer, a field younger than the `tflite` package.
_EXTERNAL_BUFFER_SLOT = 24


@dataclass(frozen=True, eq=False)
class Loop:
    """The subgraphs of a WHILE, as stored: whether there is another step, and what the step does."""

    condition: Graph
    body: Graph


def read_stored(data: bytes, name: str) -> Graph:
    """Return the file's first subgraph as stored: all operands, options unread, nodes in the file's order.

    The attributes of a WHILE are a Loop.

    Variables that recurrent operators keep their states in are left out of the nodes; a note says so. Raises ModelError
    where the file is damaged or contradicts itself, UnsupportedError for tensors and operators that no layer of this
    project can take (custom, sparse, other variables, external, other dtypes, several entry points).
    """
    if len(data) < 8 or data[4:8] != IDENTIFIER:
        found = f"bytes 4 to 8 are {data[4:8]!r}" if len(data) >= 8 else f"the file has {len(data)} bytes"
        raise ModelError(f"not a TFLite model: {found}, must be {IDENTIFIER!r}")
    try:
        model = tflite.Model.GetRootAs(data, 0)
        return _Reader(data, model).graph(name)
    except DAMAGE as error:
        raise ModelError(f"damaged: the flatbuffer cannot be read ({one_line(error)})") from error


def one_line(error: Exception) -> str:
    """The kind and the text of an exception, in one line of bounded length."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:120]}" if text else type(error).__name__


class _Reader:
    """One walk over one file."""

    def __init__(self, data: bytes, model: Any) -> None:
        self._data = data
        self._model = model
        self._buffers: dict[int, Array] = {}
        self._parts: dict[int, Graph] = {}

    def graph(self, name: str) -> Graph:
        if self._model.Version() != SCHEMA_VERSION:
            raise ModelError(f"schema version is {self._model.Version()}, must be {SCHEMA_VERSION}")
        self._check_entry_points()
        graph = self._subgraph(0, name)
        return dataclasses.replace(graph, nodes=tuple(self._with_loop(node) for node in graph.nodes))

    def _with_loop(self, node: Node) -> Node:
        """A WHILE with its subgraphs; loops in loops stay as stored."""
        if node.op != "WHILE":
            return node
        options = node.attributes
        if not isinstance(options, tflite.WhileOptions):
            raise ModelError(f'WHILE "{node.name}" has no options')
        parts = (options.CondSubgraphIndex(), options.BodySubgraphIndex())
        if not all(0 < part < self._model.SubgraphsLength() for part in parts):
            raise ModelError(
                f'WHILE "{node.name}" runs subgraphs {parts}, the file has {self._model.SubgraphsLength()}'
            )
        for part in parts:
            if part not in self._parts:
                self._parts[part] = self._subgraph(part, node.name)
        return dataclasses.replace(node, attributes=Loop(*(self._parts[part] for part in parts)))

    def _subgraph(self, position: int, name: str) -> Graph:
        subgraph = self._model.Subgraphs(position)
        self._length(subgraph.TensorsLength(), "tensors")
        self._length(subgraph.OperatorsLength(), "operators")
        tensors = [self._tensor(index, subgraph.Tensors(index)) for index in range(subgraph.TensorsLength())]
        nodes = [self._node(index, subgraph.Operators(index), tensors) for index in range(subgraph.OperatorsLength())]
        inputs = _indices(subgraph, "Inputs", len(tensors), "the model's inputs list")
        outputs = _indices(subgraph, "Outputs", len(tensors), "the model's outputs list")
        for index in range(subgraph.TensorsLength()):
            _check_computed_shape(subgraph.Tensors(index), tensors[index], is_input=index in inputs)
        variables = {index for index in range(len(tensors)) if subgraph.Tensors(index).IsVariable()}
        nodes, notes = _without_states(tensors, nodes, variables, outputs)
        tensors = _with_empty_constants(tensors, nodes, inputs)
        graph = Graph(name, tuple(tensors), tuple(nodes), inputs, outputs, tuple(notes))
        check_order(graph)
        return graph

    def _length(self, length: int, what: str) -> None:
        """A vector of tables costs at least four bytes each."""
        if length * 4 > len(self._data):
            raise ModelError(f"damaged: it claims {length} {what}, the file has {len(self._data)} bytes")

    def _check_entry_points(self) -> None:
        count = self._model.SubgraphsLength()
        if count == 0:
            raise ModelError("it has no subgraph")
        self._length(count, "subgraphs")
        self._length(self._model.SignatureDefsLength(), "signatures")
        for position in range(self._model.SignatureDefsLength()):
            signature = self._model.SignatureDefs(position)
            if signature.SubgraphIndex() != 0:
                raise UnsupportedError(
                    f'signature "{_text(signature.SignatureKey(), "")}" runs subgraph {signature.SubgraphIndex()}, '
                    "only subgraph 0 is read. Convert that signature to a file of its own."
                )

    def _tensor(self, index: int, stored: Any) -> Tensor:
        name = _text(stored.Name(), f"tensor_{index}")
        where = f'tensor {index} "{name}"'
        if stored.Type() not in _DTYPES:
            raise _unknown_type(stored, where)
        if stored.Sparsity() is not None:
            raise UnsupportedError(f"{where} is stored sparse, must be stored dense")
        dtype = np.dtype(_DTYPES[stored.Type()])
        shape = _shape(stored, dtype, where)
        data = self._constant(stored, shape, dtype, where)
        if data is None and dtype == np.float16:
            raise _unknown_type(stored, where)
        quantization = _quantization(stored.Quantization(), shape, dtype, where)
        if data is None and quantization is not None:
            _check_activation_scale(quantization, where)
        return Tensor(name, shape, dtype, quantization, data)

    def _constant(self, stored: Any, shape: Shape, dtype: np.dtype[Any], where: str) -> Array | None:
        if stored._tab.Offset(_EXTERNAL_BUFFER_SLOT):
            raise UnsupportedError(f"{where} keeps its data in another file, must be stored in the model")
        index = stored.Buffer()
        if index >= self._model.BuffersLength():
            raise ModelError(f"{where} has buffer {index}, the file has {self._model.BuffersLength()}")
        content = self._buffer(index)
        if content.size == 0:
            return None
        expected = math.prod(shape) * dtype.itemsize
        if content.size != expected:
            raise ModelError(f"{where}: its buffer has {content.size} bytes, must be {expected} for {shape} {dtype}")
        values = content.view(dtype) if dtype != np.bool_ else content != 0
        return values.reshape(shape)

    def _buffer(self, index: int) -> Array:
        """The bytes of a buffer, aligned for any dtype and shared by all its tensors."""
        if index not in self._buffers:
            stored = self._model.Buffers(index)
            start, size = stored.Offset(), stored.Size()
            if start > 1:  # a large model keeps its data behind the flatbuffer; 0 and 1 say that it does not
                if start + size > len(self._data):
                    raise ModelError(
                        f"damaged: buffer {index} ends at byte {start + size}, the file has {len(self._data)}"
                    )
                content = np.frombuffer(self._data, np.uint8, size, start)
            else:
                content = stored.DataAsNumpy() if stored.DataLength() else np.empty(0, np.uint8)
            copy = content.copy()
            copy.flags.writeable = False
            self._buffers[index] = copy
        return self._buffers[index]

    def _node(self, index: int, stored: Any, tensors: Sequence[Tensor]) -> Node:
        op = self._op_name(index, stored.OpcodeIndex())
        where = f"operator {index} {op}"
        inputs = _indices(stored, "Inputs", len(tensors), where, optional=True)
        outputs = _indices(stored, "Outputs", len(tensors), where)
        if not outputs:
            raise ModelError(f"{where} writes no tensor")
        node = Node(op, tensors[outputs[0]].name, inputs, outputs, _options(stored, where))
        if op == "CUSTOM":
            code = _text(self._model.OperatorCodes(stored.OpcodeIndex()).CustomCode(), "")
            way_out = "Convert without SELECT_TF_OPS." if code.startswith("Flex") else "See 'simref supported-ops'."
            found = f'layer {index} CUSTOM "{node.name}": it is the custom operator "{code}"'
            raise UnsupportedError(f"{found}, must be a builtin one. {way_out}")
        return node

    def _op_name(self, index: int, position: int) -> str:
        if position >= self._model.OperatorCodesLength():
            count = self._model.OperatorCodesLength()
            raise ModelError(f"operator {index} has operator code {position}, the file has {count}")
        code = self._model.OperatorCodes(position)
        # Codes up to 126 may stand in the older, one-byte field only.
        builtin = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        return _enumerator(tflite.BuiltinOperator, builtin)


def _unknown_type(stored: Any, where: str) -> UnsupportedError:
    kind = _enumerator(tflite.TensorType, stored.Type())
    computed = sorted(set(_DTYPES.values()) - {"float16"})
    return UnsupportedError(f"{where} is {kind}, must be {' or '.join(computed)}")


def _shape(stored: Any, dtype: np.dtype[Any], where: str) -> Shape:
    if stored.ShapeLength() > MAX_RANK:
        raise ModelError(f"{where} has {stored.ShapeLength()} dimensions, must be at most {MAX_RANK}")
    shape = tuple(stored.Shape(i) for i in range(stored.ShapeLength()))
    if any(size < 0 for size in shape):
        raise UnsupportedError(f"{where} has the dynamic shape {shape}, must be fixed. Convert with a fixed shape.")
    nbytes = math.prod(shape) * dtype.itemsize
    if nbytes > MAX_TENSOR_BYTES:
        raise UnsupportedError(f"{where} has {nbytes} bytes {shape}, must be at most {MAX_TENSOR_BYTES}")
    return shape


def _check_computed_shape(stored: Any, tensor: Tensor, *, is_input: bool) -> None:
    """An input open beyond its batch has no size to plan for: the converter writes 1 in the place of the unknown."""
    if not is_input or stored.ShapeSignatureLength() != len(tensor.shape):
        return
    signature = tuple(stored.ShapeSignature(i) for i in range(len(tensor.shape)))
    if any(size < 0 for size in signature[1:]):
        raise UnsupportedError(
            f'input "{tensor.name}" has the dynamic shape {signature}, only the first dimension may be open. '
            "Convert with a fixed shape."
        )


def _quantization(stored: Any, shape: Shape, dtype: np.dtype[Any], where: str) -> Quantization | None:
    """Read scales and zero points under the conditions TFLite's own loader sets; floats and booleans have none."""
    if stored is None or stored.ScaleLength() == 0 or dtype.kind not in "iu":
        return None
    if stored.DetailsType() != 0:
        raise UnsupportedError(f"{where} has a custom quantization, must have scales and zero points")
    count, axis = stored.ScaleLength(), stored.QuantizedDimension()
    if stored.ZeroPointLength() != count:
        raise ModelError(f"{where} has {count} scales and {stored.ZeroPointLength()} zero points, must be as many")
    if count > 1:
        if not 0 <= axis < len(shape):
            raise ModelError(f"{where} is quantized along dimension {axis}, it has {len(shape)}")
        if count != shape[axis]:
            raise ModelError(f"{where} has {count} scales, must be 1 or {shape[axis]} for {shape} along {axis}")
    scale = np.array(stored.ScaleAsNumpy(), np.float32)
    zero_point = np.array(stored.ZeroPointAsNumpy(), np.int64)
    wrong_scales = scale[~(np.isfinite(scale) & (scale > 0))]
    if wrong_scales.size:
        raise ModelError(f"{where} has scale {wrong_scales[0]}, must be a positive number")
    info = np.iinfo(dtype)
    wrong_points = zero_point[(zero_point < info.min) | (zero_point > info.max)]
    if wrong_points.size:
        raise ModelError(f"{where} has zero point {wrong_points[0]}, must be {info.min} to {info.max} for {dtype}")
    return Quantization(scale, zero_point, axis if count > 1 else None)


def _check_activation_scale(quantization: Quantization, where: str) -> None:
    """Weights of dead channels may have scales near zero; a computed tensor with one is damaged."""
    low, high = ACTIVATION_SCALES
    wrong = quantization.scale[(quantization.scale < low) | (quantization.scale > high)]
    if wrong.size:
        raise ModelError(f"{where} has scale {wrong[0]:g}, must be {low:g} to {high:g}")


def _indices(stored: Any, field: str, tensors: int, where: str, *, optional: bool = False) -> Any:
    """Read a vector of tensor indices; with `optional`, -1 stands for an absent operand and becomes None."""
    length = getattr(stored, f"{field}Length")()
    if length > MAX_OPERANDS:
        raise ModelError(f"{where}: {field.lower()} has {length} entries, must be at most {MAX_OPERANDS}")
    read: Callable[[int], int] = getattr(stored, field)
    indices = [read(i) for i in range(length)]
    for index in indices:
        if not (0 <= index < tensors or (optional and index == -1)):
            raise ModelError(f"{where}: {field.lower()} names tensor {index}, the model has {tensors} tensors")
    return tuple(None if index == -1 else index for index in indices)


def _options(stored: Any, where: str) -> Any:
    if stored.BuiltinOptionsType() == 0:
        return None
    table = _enumerator(tflite.BuiltinOptions, stored.BuiltinOptionsType())
    union = stored.BuiltinOptions()
    if union is None or not hasattr(tflite, table):
        raise ModelError(f"{where}: its options table {table} is missing or unknown")
    options = getattr(tflite, table)()
    options.Init(union.Bytes, union.Pos)
    return options


def _with_empty_constants(tensors: Sequence[Tensor], nodes: Sequence[Node], inputs: Sequence[int]) -> list[Tensor]:
    """A tensor without elements needs no buffer: where nothing writes it, it is the empty constant."""
    written = {index for node in nodes for index in node.outputs} | set(inputs)
    return [
        Tensor(t.name, t.shape, t.dtype, t.quantization, np.empty(t.shape, t.dtype))
        if t.data is None and index not in written and 0 in t.shape
        else t
        for index, t in enumerate(tensors)
    ]


def _without_states(
    tensors: Sequence[Tensor], nodes: Sequence[Node], variables: set[int], outputs: Sequence[int]
) -> tuple[list[Node], list[str]]:
    """The nodes without the variables that recurrent operators keep their states in, and a note on each such node.

    Raises UnsupportedError for any other variable, and for one that is not the state of one node alone.
    """
    found, notes, states = [], [], []
    for node in nodes:
        inputs = list(node.inputs)
        for position in STATES.get(node.op, ()):
            if position < len(inputs) and inputs[position] in variables:
                states.append(inputs[position])
                inputs[position] = None
        if inputs != list(node.inputs):
            notes.append(
                f'{node.op} "{node.name}": its state is zero when an inference starts; '
                "TFLite keeps it from one to the next until the variables are reset"
            )
        found.append(dataclasses.replace(node, inputs=tuple(inputs)))
    touched = {index for node in found for index in (*node.inputs, *node.outputs)}.union(outputs)
    for index in sorted(variables):
        if states.count(index) != 1 or index in touched:
            where = f'tensor {index} "{tensors[index].name}"'
            raise UnsupportedError(f"{where} is a variable (state between runs), must be recomputed in each run")
    return found, notes


def check_order(graph: Graph) -> None:
    """Raise ModelError unless each tensor has one writer and each node reads only what was written before it."""
    ready = {index for index, tensor in enumerate(graph.tensors) if tensor.is_constant}
    sources = dict.fromkeys(ready, "a constant")
    for index in graph.inputs:
        _claim(graph, sources, index, "an input of the model")
    for position, node in enumerate(graph.nodes):
        for output in node.outputs:
            _claim(graph, sources, output, f"written by operator {position} {node.op}")
    ready.update(graph.inputs)
    for position, node in enumerate(graph.nodes):
        for operand in node.inputs:
            if operand is not None and operand not in ready:
                name = graph.tensors[operand].name
                late = sources.get(operand)
                reason = f"which is {late}, not before it (cyclic or out of order)" if late else "which nothing writes"
                raise ModelError(f'operator {position} {node.op} reads tensor "{name}", {reason}')
        ready.update(node.outputs)
    for index in graph.outputs:
        if index not in ready:
            raise ModelError(f'output "{graph.tensors[index].name}" is written by no operator')
    if len(set(graph.outputs)) != len(graph.outputs):
        raise UnsupportedError("the model lists one tensor twice among its outputs, must list it once")


def _claim(graph: Graph, sources: dict[int, str], index: int, source: str) -> None:
    if index in sources:
        raise ModelError(f'tensor "{graph.tensors[index].name}" is {sources[index]} and also {source}')
    sources[index] = source


def _text(stored: bytes | None, otherwise: str) -> str:
    """A stored string as printable text of one line."""
    if not stored:
        return otherwise
    if len(stored) > MAX_NAME_BYTES:
        raise ModelError(f"damaged: a name has {len(stored)} bytes, must be at most {MAX_NAME_BYTES}")
    text = stored.decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _enumerator(enumeration: type, code: int) -> str:
    return _enumerators(enumeration).get(code, f"{enumeration.__name__} {code}")


@cache
def _enumerators(enumeration: type) -> dict[int, str]:
    return {code: name for name, code in vars(enumeration).items() if isinstance(code, int)}
