"""A TFLite flatbuffer to a graph of stored nodes, trusting nothing that the file says.

A stored node keeps every operand, and as attributes its options table unread (an object of the `tflite` package, or
None). Every size and index is checked against the file before anything of that size is made: a file of n bytes costs
O(n) memory, whatever it claims. The format is tensorflow/lite/schema/schema.fbs, version 3.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tflite

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array, Graph, Node, Shape, Tensor
from simref.importers._untrusted import DAMAGE, one_line, printable
from simref.importers.tflite.order import check_order
from simref.importers.tflite.tensor import (
    DTYPES,
    check_activation_scale,
    check_computed_shape,
    enumerator,
    stored_quantization,
    stored_shape,
    unknown_type,
)

IDENTIFIER = b"TFL3"
SCHEMA_VERSION = 3
MAX_OPERANDS = 4096
MAX_NAME_BYTES = 4096
# The operands of recurrent operators that are states: variables, zeros when a run starts.
STATES = {"UNIDIRECTIONAL_SEQUENCE_LSTM": (18, 19), "UNIDIRECTIONAL_SEQUENCE_RNN": (4,)}

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
            check_computed_shape(subgraph.Tensors(index), tensors[index], is_input=index in inputs)
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
        if stored.Type() not in DTYPES:
            raise unknown_type(stored, where)
        if stored.Sparsity() is not None:
            raise UnsupportedError(f"{where} is stored sparse, must be stored dense")
        dtype = np.dtype(DTYPES[stored.Type()])
        shape = stored_shape(stored, dtype, where)
        data = self._constant(stored, shape, dtype, where)
        if data is None and dtype == np.float16:
            raise unknown_type(stored, where)
        quantization = stored_quantization(stored.Quantization(), shape, dtype, where)
        if data is None and quantization is not None:
            check_activation_scale(quantization, where)
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
        return enumerator(tflite.BuiltinOperator, builtin)


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
    table = enumerator(tflite.BuiltinOptions, stored.BuiltinOptionsType())
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


def _text(stored: bytes | None, otherwise: str) -> str:
    """A stored string as printable text of one line."""
    if not stored:
        return otherwise
    if len(stored) > MAX_NAME_BYTES:
        raise ModelError(f"damaged: a name has {len(stored)} bytes, must be at most {MAX_NAME_BYTES}")
    return printable(stored.decode("utf-8", "replace"), MAX_NAME_BYTES)
