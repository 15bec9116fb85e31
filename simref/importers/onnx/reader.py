"""An ONNX file to nodes, inputs and constants, trusting nothing that the file says.

Every node keeps its attributes as Python values. Functions of the model's own are inlined, after their calls were
counted: a few lines of functions that call each other twice could otherwise become any number of nodes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError
from onnx import helper, inliner

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array
from simref.importers._untrusted import one_line
from simref.importers.onnx.tensor import DTYPES, dtype_name, read_sparse, read_tensor

# Of operators that have changed since; the others are taken from any.
OLDEST_OPSET = 7
MAX_NODES = 100_000
MAX_NAME = 4096
DEFAULT_DOMAINS = ("", "ai.onnx")
MICROSOFT = "com.microsoft"
# Operators that ONNX itself defines as functions of simpler ones.
SPELLED_OUT = frozenset(("Attention", "RMSNormalization", "RotaryEmbedding", "SwiGLU"))

Attribute = onnx.AttributeProto
# A dimension of an input: a size, the name of an open one, or None where the file says nothing.
Dimension = int | str | None


@dataclass(frozen=True)
class Body:
    """A graph as stored: the whole network's, or a branch of an If."""

    constants: Mapping[str, Array]
    nodes: tuple[Node, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Node:
    """One node. inputs: names, "" where one is absent. opset: of the node's domain. proto: as stored."""

    index: int
    domain: str
    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    opset: int
    proto: Any = None

    def __str__(self) -> str:
        return f'node {self.index} {self.op} "{self.name}"'

    def has(self, position: int) -> bool:
        """True where that input is given."""
        return position < len(self.inputs) and self.inputs[position] != ""

    def get(self, name: str, default: Any) -> Any:
        """An attribute of the default's kind. Raises ModelError for another kind."""
        value = self.attributes.get(name, default)
        wanted = type(default)
        if wanted is bool and value in (0, 1):
            return bool(value)
        if not isinstance(value, wanted) or (wanted is tuple and not all(isinstance(v, int) for v in value)):
            raise ModelError(f"{self}: its attribute {name} is a {type(value).__name__}, must be a {wanted.__name__}")
        return value

    def integers(self, name: str, count: int, default: int) -> tuple[int, ...]:
        """An attribute of `count` integers, the default repeated where it is absent."""
        value: tuple[int, ...] = self.get(name, (default,) * count)
        if len(value) != count:
            raise ModelError(f"{self}: its attribute {name} has {len(value)} elements, must have {count}")
        return value


@dataclass(frozen=True)
class Input:
    """An input of the network as declared."""

    name: str
    dtype: str
    dimensions: tuple[Dimension, ...] | None


@dataclass(frozen=True)
class StoredModel:
    """What a file says. output_dtypes: None where it says nothing, or a type that no array has here."""

    body: Body
    inputs: tuple[Input, ...]
    output_dtypes: tuple[str | None, ...]
    opsets: Mapping[str, int]


def read_model(data: bytes, folder: Path | None) -> StoredModel:
    """Read a file's content. Raises ModelError for a damaged file, UnsupportedError for what cannot be taken."""
    try:
        model = onnx.ModelProto.FromString(data)
    except (DecodeError, RuntimeError, ValueError) as error:
        raise ModelError(f"damaged: it is no ONNX model ({one_line(error)})") from error
    if not model.HasField("graph") or not model.opset_import:
        raise ModelError("damaged: it is no ONNX model (it has no graph or no opset)")
    model = _spelled_out(_inlined(model))
    opsets = _opsets(model.opset_import)
    reader = _Reader(opsets, folder)
    body = reader.body(model.graph)
    stored = set(body.constants)
    inputs = tuple(_input(info) for info in model.graph.input if info.name not in stored)
    output_dtypes = tuple(DTYPES.get(info.type.tensor_type.elem_type) for info in model.graph.output)
    return StoredModel(body, inputs, output_dtypes, opsets)


def _opsets(imports: Iterable[Any]) -> dict[str, int]:
    opsets = {"" if entry.domain in DEFAULT_DOMAINS else entry.domain: int(entry.version) for entry in imports}
    newest, found = onnx.defs.onnx_opset_version(), opsets.get("", OLDEST_OPSET)
    if not 1 <= found <= newest:
        raise UnsupportedError(
            f"its opset is {found}, must be {OLDEST_OPSET} to {newest}. Export it with another opset."
        )
    return opsets


def _check_opset(node: Node) -> None:
    """Raise UnsupportedError for a node of an opset before OLDEST_OPSET that meant something else there."""
    if node.domain or node.opset >= OLDEST_OPSET:
        return
    try:
        then, now = (onnx.defs.get_schema(node.op, opset).since_version for opset in (node.opset, OLDEST_OPSET))
    except onnx.defs.SchemaError as error:
        raise UnsupportedError(f"{node}: opset {node.opset} has no such operator") from error
    if then != now:
        raise UnsupportedError(
            f"{node}: its opset is {node.opset}, must be {OLDEST_OPSET} or later. Export it with another opset."
        )


def _inlined(model: Any) -> Any:
    """The model without functions of its own."""
    if not model.functions:
        return model
    functions = {(f.domain, f.name): f for f in model.functions}
    _expanded(model.graph.node, functions, {}, ())
    try:
        return inliner.inline_local_functions(model)
    except Exception as error:  # C++ reports every failure in its own classes
        raise ModelError(f"its functions cannot be inlined ({one_line(error)})") from error


def _spelled_out(model: Any) -> Any:
    """The model with operators that ONNX defines by others, and no layer computes, in terms of those."""
    wanted = sorted({node.op_type for node in model.graph.node if not node.domain} & SPELLED_OUT)
    if not wanted:
        return model
    typed = onnx.ModelProto()
    typed.CopyFrom(model)
    for constant in model.graph.initializer:
        typed.graph.value_info.append(helper.make_tensor_value_info(constant.name, constant.data_type, constant.dims))
    try:
        typed = onnx.shape_inference.infer_shapes(typed)
        return inliner.inline_selected_functions(typed, [("", op) for op in wanted], inline_schema_functions=True)
    except TypeError as error:  # a package older than the argument
        raise UnsupportedError(f"its operator {wanted[0]} needs a newer onnx package ({one_line(error)})") from error
    except Exception as error:  # as above
        raise ModelError(f"its operator {wanted[0]} cannot be spelled out ({one_line(error)})") from error


def _expanded(nodes: Any, functions: dict[Any, Any], known: dict[Any, int], calls: tuple[Any, ...]) -> int:
    """How many nodes there will be; raises ModelError for too many and for functions that call themselves."""
    total = 0
    for node in nodes:
        key = (node.domain, node.op_type)
        total += 1 + sum(_expanded(a.g.node, functions, known, calls) for a in node.attribute if a.HasField("g"))
        if key in functions and key not in known:
            if key in calls:
                raise ModelError(f'its function "{node.op_type}" calls itself')
            known[key] = _expanded(functions[key].node, functions, known, (*calls, key))
        total += known.get(key, 0)
        if total > MAX_NODES:
            raise ModelError(f"its functions expand to more than {MAX_NODES} nodes")
    return total


def _input(info: Any) -> Input:
    where = f'input "{_name(info.name)}"'
    if not info.type.HasField("tensor_type"):
        raise UnsupportedError(f"{where} is no tensor, must be one")
    tensor = info.type.tensor_type
    dtype = dtype_name(tensor.elem_type, where)
    if not tensor.HasField("shape"):
        return Input(info.name, dtype, None)
    return Input(info.name, dtype, tuple(_dimension(dim) for dim in tensor.shape.dim))


def _dimension(dim: Any) -> Dimension:
    if dim.HasField("dim_value"):
        return int(dim.dim_value)
    return str(dim.dim_param) if dim.dim_param else None


def _name(name: Any) -> str:
    """A name that fits into a line."""
    if not isinstance(name, str):  # bytes that are no UTF-8 text
        raise ModelError(f"the name {name[:40]!r} is no text")
    if any(letter < " " for letter in name):
        raise ModelError(f"the name {name[:40]!r} holds control characters")
    if len(name) > MAX_NAME:
        raise ModelError(f'a name has {len(name)} characters, must have at most {MAX_NAME}: "{name[:40]}…"')
    return name


class _Reader:
    """One walk over one file; nodes are numbered throughout, branches included."""

    def __init__(self, opsets: Mapping[str, int], folder: Path | None) -> None:
        self._opsets = opsets
        self._folder = folder
        self._nodes = 0

    def body(self, graph: Any) -> Body:
        constants: dict[str, Array] = {}
        for proto in graph.initializer:
            constants[_new(proto.name, constants)] = read_tensor(proto, f'constant "{proto.name}"', self._folder)
        for proto in graph.sparse_initializer:
            name = proto.values.name
            constants[_new(name, constants)] = read_sparse(proto, f'sparse constant "{name}"', self._folder)
        nodes = tuple(self._node(proto) for proto in graph.node)
        return Body(constants, nodes, tuple(i.name for i in graph.input), tuple(_name(o.name) for o in graph.output))

    def _node(self, proto: Any) -> Node:
        index = self._nodes
        self._nodes += 1
        domain = "" if proto.domain in DEFAULT_DOMAINS else _name(proto.domain)
        outputs = tuple(_name(name) for name in proto.output)
        label = _name(proto.name) or next((name for name in outputs if name), f"{proto.op_type}_{index}")
        node = Node(
            index,
            domain,
            _name(proto.op_type),
            label,
            tuple(_name(name) for name in proto.input),
            outputs,
            {},
            self._opsets.get(domain, 1),
            proto,
        )
        _check_opset(node)
        attributes = {}
        for attribute in proto.attribute:
            attributes[_name(attribute.name)] = self._attribute(attribute, node)
        return dataclasses.replace(node, attributes=attributes)

    def _attribute(self, attribute: Any, node: Node) -> Any:
        where = f"{node}: its attribute {attribute.name}"
        if attribute.ref_attr_name:
            raise ModelError(f"{where} refers to {attribute.ref_attr_name} outside of a function")
        read: dict[int, Callable[[], Any]] = {
            Attribute.INT: lambda: int(attribute.i),
            Attribute.FLOAT: lambda: float(attribute.f),
            Attribute.STRING: lambda: _text(attribute.s, where),
            Attribute.INTS: lambda: tuple(int(i) for i in attribute.ints),
            Attribute.FLOATS: lambda: [float(f) for f in attribute.floats],
            Attribute.STRINGS: lambda: [_text(s, where) for s in attribute.strings],
            Attribute.TENSOR: lambda: read_tensor(attribute.t, where, None),
            Attribute.SPARSE_TENSOR: lambda: read_sparse(attribute.sparse_tensor, where, None),
            Attribute.GRAPH: lambda: self.body(attribute.g),
        }
        if attribute.type not in read:
            raise UnsupportedError(f"{where} has the type {attribute.type}, which is not supported")
        return read[attribute.type]()


def _new(name: str, known: Mapping[str, Array]) -> str:
    if name in known or not name:
        raise ModelError(f'constant "{_name(name)}" is stored twice' if name else "a constant has no name")
    return _name(name)


def _text(content: bytes, where: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ModelError(f"{where} is no UTF-8 text") from error


def needed_nodes(nodes: Sequence[Node], outputs: Iterable[str]) -> list[Node]:
    """The nodes that the outputs depend on, in their order; outputs that nobody reads have no names."""
    wanted = set(outputs)
    kept = []
    for node in reversed(nodes):
        if wanted.intersection(node.outputs):
            used = tuple(name if name in wanted else "" for name in node.outputs)
            kept.append(dataclasses.replace(node, outputs=used))
            wanted.update(_reads(node))
    return kept[::-1]


def _reads(node: Node) -> set[str]:
    """What a node reads, its branches included."""
    found = set(node.inputs)
    for value in node.attributes.values():
        if isinstance(value, Body):
            found.update(value.outputs, *(_reads(inner) for inner in value.nodes))
    found.discard("")
    return found
