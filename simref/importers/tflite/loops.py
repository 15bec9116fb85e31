"""Loops that are recurrent layers, as TensorFlow's converter writes those of Keras 3: LSTM, GRU and SIMPLE_RNN again.

A loop carries a counter, the time, the list of results, the states and the whole sequence, time first. Its step reads
the element of that time, computes new states and writes one of them into the list, or over the only element of it.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.check import check_graph
from simref.errors import SimrefError, UnsupportedError
from simref.graph import Array, Graph, Layer, Node, Shape, Tensor
from simref.importers.tflite.cells import Cell, Step
from simref.importers.tflite.reader import Loop
from simref.ops._activation import Activation
from simref.ops.reshape import Attributes as Reshape
from simref.ops.transpose import Attributes as Transpose
from simref.passes._links import uses
from simref.passes.decode_weights import decode_weights
from simref.passes.fuse_functions import fuse_functions
from simref.passes.remove_dead import remove_dead

# A value, and the tensors of which one is the first element instead.
_Vector = tuple[int, set[int]]
_REFUSAL = (
    "is a loop that is no LSTM, GRU or SimpleRNN as Keras writes it ({reason}), must be unrolled. "
    "Give the Keras file itself, or convert recurrent layers with unroll=True"
)


def convert_loops(graph: Graph, resolve: Callable[[Graph], Graph]) -> Graph:
    """A recurrent layer in the place of each loop that is one as Keras writes it; other loops are refused.

    resolve: reads the attributes of a stored graph's nodes. Runs on a graph whose own attributes are read. Raises
    UnsupportedError for any other loop.
    """
    used, tensors = uses(graph), list(graph.tensors)
    nodes: list[Node] = []
    notes = list(graph.notes)
    for node, layer in zip(graph.nodes, graph.layers, strict=True):
        if node.op != "WHILE":
            nodes.append(node)
            continue
        try:
            recurrent = _read(node, layer, resolve)
            nodes += _nodes(node, layer, recurrent, used, tensors)
        except SimrefError as error:
            raise UnsupportedError(f"{layer}: {_REFUSAL.format(reason=error)}") from error
        if recurrent.is_decoded:
            notes.append(f"{layer}: its weights are kept as floats; it computes in float32, TFLite quantizes its input")
    return remove_dead(dataclasses.replace(graph, tensors=tuple(tensors), nodes=tuple(nodes), notes=tuple(notes)))


@dataclass(frozen=True, eq=False)
class _Recurrent:
    """What a loop is. Positions are among what it carries.

    sequence: where the sequence is. states: where those of the cell are, in order. lists: where results are collected,
    with whether that is all of them or the last one. is_decoded: weights were stored in fewer bits.
    """

    cell: Cell
    sequence: int
    states: tuple[int, ...]
    lists: dict[int, bool]
    is_decoded: bool


def _read(node: Node, layer: Layer, resolve: Callable[[Graph], Graph]) -> _Recurrent:
    loop = layer.attributes
    if not isinstance(loop, Loop) or len({len(node.inputs), len(loop.body.inputs), len(loop.body.outputs)}) != 1:
        raise UnsupportedError("its step gives other tensors than it takes")
    counters, steps = _counters(loop.condition)
    written, whole = _without_lists(_with_constants(loop.body, layer), counters, steps)
    decoded = decode_weights(written)
    body = resolve(remove_dead(decoded))
    check_graph(body)
    body = fuse_functions(_without_activations(body))
    for position in counters:
        _check_counts(layer.input(position), body, position)
    sequence, x = _element(body, counters, steps)
    shapes = [tensor.shape for tensor in body.tensors]
    pairs = zip(body.outputs, body.inputs, strict=True)
    previous = {new: old for new, old in pairs if new != old and shapes[old] == shapes[new]}
    step = Step(body, x, previous)
    cells = (step.cell(new) for new in previous if body.tensors[new].dtype == np.float32)
    cell = next((cell for cell in cells if cell is not None), None)
    if cell is None:
        raise UnsupportedError("its step computes something else")
    views = {node.outputs[0]: node.inputs[0] for node in body.nodes if node.op == "RESHAPE"}
    lists = {k: k in whole for k, index in enumerate(body.outputs) if views.get(index) == cell.states[0]}
    states = tuple(body.outputs.index(index) for index in cell.states)
    return _Recurrent(cell, sequence, states, lists, bool(decoded.notes))


def _without_activations(body: Graph) -> Graph:
    """The step with each clamp that is fused into an ADD behind it, where other activations are."""
    tensors, nodes = list(body.tensors), []
    for node in body.nodes:
        activation = node.attributes.activation if node.op == "ADD" else Activation.NONE
        if activation is Activation.NONE:
            nodes.append(node)
            continue
        y = tensors[node.outputs[0]]
        tensors.append(dataclasses.replace(y, name=f"{y.name}/sum"))
        total = (len(tensors) - 1,)
        attributes = dataclasses.replace(node.attributes, activation=Activation.NONE)
        nodes.append(dataclasses.replace(node, outputs=total, attributes=attributes))
        nodes.append(Node(activation.name, node.name, total, node.outputs))
    return dataclasses.replace(body, tensors=tuple(tensors), nodes=tuple(nodes))


def _with_constants(body: Graph, layer: Layer) -> Graph:
    """The step with the values of what is carried from step to step as it is, where those are known."""
    tensors = list(body.tensors)
    for position, index in enumerate(body.inputs):
        known, tensor = layer.input(position), tensors[index]
        if known.is_constant and body.outputs[position] == index and known.shape == tensor.shape:
            tensors[index] = dataclasses.replace(known, name=tensor.name)
    return dataclasses.replace(body, tensors=tuple(tensors))


def _counters(condition: Graph) -> tuple[set[int], int]:
    """The positions of what the condition compares with a number of steps, and that number."""
    nodes = {node.outputs[0]: node for node in condition.nodes}
    compared = [nodes[index] for index in condition.outputs if index in nodes]
    if len(compared) == 1 and compared[0].op == "LOGICAL_AND":
        compared = [nodes[index] for index in compared[0].inputs if index in nodes]
    found: dict[int, int] = {}
    for node in compared:
        counter, limit = node.inputs if node.op == "LESS" and len(node.inputs) == 2 else (None, None)
        data = None if limit is None else condition.tensors[limit].data
        if counter in condition.inputs and data is not None and data.dtype.kind == "i" and data.size == 1:
            found[condition.inputs.index(counter)] = int(data.reshape(()))
    if not found or len(found) != len(compared) or len(set(found.values())) != 1:
        raise UnsupportedError("its condition is not a number of steps")
    return set(found), next(iter(found.values()))


def _check_counts(start: Tensor, body: Graph, position: int) -> None:
    """Raise UnsupportedError unless what is carried there is 0, 1, 2, …"""
    layer = next((layer for layer, node in _pairs(body) if node.outputs[0] == body.outputs[position]), None)
    before = body.tensors[body.inputs[position]]
    others = [] if layer is None else [tensor for tensor in layer.inputs if tensor is not before]
    added = others[0].data if len(others) == 1 and others[0] is not None else None
    counts = layer is not None and layer.op == "ADD" and layer.attributes.activation is Activation.NONE
    if not counts or added is None or not np.all(added == 1) or start.data is None or start.data.any():
        raise UnsupportedError("it does not count from 0 in steps of 1")


def _pairs(graph: Graph) -> Iterator[tuple[Layer, Node]]:
    return zip(graph.layers, graph.nodes, strict=True)


def _element(body: Graph, counters: set[int], steps: int) -> tuple[int, int]:
    """The position of the sequence, and the tensor of the step that is its element at that time."""
    times = [body.inputs[position] for position in counters]
    for layer, node in _pairs(body):
        if node.op != "GATHER" or node.inputs[0] not in body.inputs or node.inputs[1] not in times:
            continue
        position = body.inputs.index(node.inputs[0])
        whole = layer.input(0).shape[0] == steps and body.outputs[position] == node.inputs[0]
        if whole and (layer.attributes.axis, layer.attributes.batch_dims) == (0, 0):
            return position, node.outputs[0]
    raise UnsupportedError("its step reads no element of a sequence")


def _without_lists(body: Graph, counters: set[int], steps: int) -> tuple[Graph, set[int]]:
    """The step with new elements in the place of the lists that they are written into, and the lists' positions."""
    nodes = {node.outputs[0]: node for node in body.nodes}
    times = {body.inputs[position] for position in counters}
    later = {body.outputs[position] for position in counters}
    outputs, whole = list(body.outputs), set()
    for position, (old, new) in enumerate(zip(body.inputs, body.outputs, strict=True)):
        node = nodes.get(new)
        is_list = body.tensors[old].shape[:1] == (steps,)
        if node is None or not is_list or node.op != "CONCATENATION" or len(node.inputs) != 3:
            continue
        before, element, after = node.inputs
        is_before = _is_slice(body, nodes, before, old, (0, set()), (-1, times))
        is_after = _is_slice(body, nodes, after, old, (0, later), (-1, set()))
        if element is not None and node.attributes.Axis() == 0 and is_before and is_after:
            outputs[position] = element
            whole.add(position)
    return dataclasses.replace(body, outputs=tuple(outputs)), whole


def _is_slice(
    body: Graph, nodes: Mapping[int, Node], index: int | None, of: int, begin: _Vector, size: _Vector
) -> bool:
    node = None if index is None else nodes.get(index)
    if node is None or node.op != "SLICE" or len(node.inputs) != 3 or node.inputs[0] != of:
        return False
    return _is_vector(body, nodes, node.inputs[1], begin) and _is_vector(body, nodes, node.inputs[2], size)


def _is_vector(body: Graph, nodes: Mapping[int, Node], index: int | None, wanted: _Vector) -> bool:
    """Whether all elements have that value, but for the first where that must be one of some tensors."""
    value, first = wanted
    if index is None:
        return False
    if not first:
        data = body.tensors[index].data
        return data is not None and bool(np.all(data == value))
    node = nodes.get(index)
    if node is None or node.op != "CONCATENATION" or len(node.inputs) != 2 or node.inputs[0] is None:
        return False
    scalar = nodes.get(node.inputs[0])
    is_first = scalar is not None and scalar.op in ("EXPAND_DIMS", "RESHAPE") and scalar.inputs[0] in first
    return is_first and _is_vector(body, nodes, node.inputs[1], (value, set()))


def _nodes(node: Node, layer: Layer, found: _Recurrent, used: Counter[int], tensors: list[Tensor]) -> list[Node]:
    """The recurrent layer, what brings the sequence into its order and what brings its results into that of the loop.

    `tensors` grows by what lies between them.
    """
    read = {k for k, index in enumerate(node.outputs) if used[index]}
    if not read <= {*found.lists, *found.states}:
        raise UnsupportedError("its counters or its sequence are read behind it")
    make = _Maker(node.name, tensors)
    steps, batch, features = layer.input(found.sequence).shape
    units = layer.outputs[found.states[0]].shape[-1]
    results = dict(zip(("hidden", "cell"), (node.outputs[k] for k in found.states), strict=False))
    results = {name: index for name, index in results.items() if used[index]}
    after: list[Node] = []
    for position in sorted(read & set(found.lists)):
        y = node.outputs[position]
        if found.lists[position]:
            results.setdefault("sequence", make.tensor("sequence", (batch, steps, units)))
            after.append(make.swap(results["sequence"], y))
        else:
            results.setdefault("hidden", make.tensor("hidden", (batch, units)))
            after.append(Node("RESHAPE", tensors[y].name, (results["hidden"],), (y,), Reshape((1, batch, units))))
    x = make.tensor("batch_first", (batch, steps, features))
    constants = [
        None if data is None else make.tensor(f"constant_{k}", data.shape, data)
        for k, data in enumerate(found.cell.constants)
    ]
    states = [_first_state(layer, node, position) for position in found.states]
    attributes = dataclasses.replace(found.cell.attributes, results=tuple(results))
    recurrent = Node(found.cell.op, node.name, (x, *constants, *states), tuple(results.values()), attributes)
    return [make.swap(node.inputs[found.sequence], x), recurrent, *after]


def _first_state(layer: Layer, node: Node, position: int) -> int | None:
    """Zeros are what an absent one stands for."""
    data = layer.input(position).data
    return node.inputs[position] if data is None or data.any() else None


@dataclass(frozen=True)
class _Maker:
    """New tensors of one loop."""

    name: str
    tensors: list[Tensor]

    def tensor(self, name: str, shape: Shape, data: Array | None = None) -> int:
        """A new one; its index."""
        self.tensors.append(Tensor(f"{self.name}/{name}", shape, np.dtype(np.float32), data=data))
        return len(self.tensors) - 1

    def swap(self, source: int | None, target: int) -> Node:
        """The first two dimensions exchanged, which moves nothing where one of them is 1."""
        shape, name = self.tensors[target].shape, self.tensors[target].name
        moves = 1 not in shape[:2]
        attributes: Any = Transpose((1, 0, 2)) if moves else Reshape(shape)
        return Node("TRANSPOSE" if moves else "RESHAPE", name, (source,), (target,), attributes)
