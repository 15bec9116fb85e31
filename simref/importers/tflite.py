"""TFLite files to graphs: read what is stored, fold and bind each node, rewrite what has no operator here."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.graph import Graph, Layer, Node, Shape
from simref.importers._tflite_arithmetic import evaluate
from simref.importers._tflite_reader import DAMAGE, MAX_TENSOR_BYTES, one_line, read_stored
from simref.ops import OPERATORS, computed_shapes, operator
from simref.passes.decode_weights import decode_weights
from simref.passes.fold_constants import fold_constants
from simref.passes.fold_dilation import fold_dilation
from simref.passes.remove_dead import remove_dead


def import_tflite(data: bytes, name: str = "model") -> Graph:
    """Return the graph of a TFLite file's content; `name` becomes the graph's name and starts each ModelError.

    Layers keep the file's order, tensors the file's names; a layer is named for its first output, because TFLite
    operators have no names. Layers whose operator is not supported stay as stored: `check_graph` refuses them.
    Raises ModelError or UnsupportedError, each one line.
    """
    try:
        graph = resolve(remove_dead(decode_weights(read_stored(data, name))))
        graph = remove_dead(fold_constants(fold_dilation(remove_dead(graph))))
        _check_outputs(graph)
    except ModelError as error:
        raise ModelError(f"{name}: {error}") from error
    except (*DAMAGE, ArithmeticError) as error:
        raise ModelError(f"{name}: its operands or options are malformed ({one_line(error)})") from error
    return graph


def _check_outputs(graph: Graph) -> None:
    """There are inputs and outputs, and after folding each output is still the work of a layer."""
    for kind, indices in (("inputs", graph.inputs), ("outputs", graph.outputs)):
        if not indices:
            raise UnsupportedError(f"{graph.name}: the network has no {kind}, must have at least one")
    written = {index for node in graph.nodes for index in node.outputs}
    for index in graph.outputs:
        if index not in written:
            name = graph.tensors[index].name
            raise UnsupportedError(f'output "{name}" is an input or a constant, must be computed by a layer')


def resolve(graph: Graph) -> Graph:
    """Walk the stored nodes once: fold shape arithmetic, read attributes, compute shapes.

    A stored shape of a computed tensor is only what the converter knew: in a file whose batch is open it may hold 1 in
    the place of any size, and TFLite itself computes all shapes when it prepares the model. Here too, by the shape
    rule of each operator. Supported nodes keep their data operands only; others stay as stored.
    """
    tensors = list(graph.tensors)
    nodes: list[Node] = []
    for stored in graph.nodes:
        inputs = tuple(None if index is None else tensors[index] for index in stored.inputs)
        outputs = tuple(tensors[index] for index in stored.outputs)
        layer = Layer(len(nodes), stored.op, stored.name, inputs, outputs, stored.attributes)
        values = evaluate(layer)
        if values is not None:
            for index, value in zip(stored.outputs, values, strict=True):
                data = np.array(value, tensors[index].dtype, order="C")
                tensors[index] = dataclasses.replace(tensors[index], shape=data.shape, data=data)
        elif stored.op in OPERATORS and operator(stored.op).tflite is not None:
            node = _with_attributes(stored, layer)
            nodes.append(node)
            bound = layer.replace(
                inputs=tuple(None if index is None else tensors[index] for index in node.inputs),
                attributes=node.attributes,
            )
            for index, shape in zip(node.outputs, _output_shapes(bound), strict=True):
                tensors[index] = dataclasses.replace(tensors[index], shape=shape)
        else:
            nodes.append(stored)
    return dataclasses.replace(graph, tensors=tuple(tensors), nodes=tuple(nodes))


def _output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The shapes that the operator computes; the stored ones where the layer breaks a rule that comes before."""
    stored = tuple(tensor.shape for tensor in layer.outputs)
    shapes = computed_shapes(layer)
    if shapes is None:
        return stored
    for tensor, shape in zip(layer.outputs, shapes, strict=False):
        if min(shape, default=1) < 1 or math.prod(shape) * tensor.dtype.itemsize > MAX_TENSOR_BYTES:
            raise UnsupportedError(f"{layer}: output shape is {shape}, must hold 1 to {MAX_TENSOR_BYTES} bytes")
    return shapes if len(shapes) == len(stored) else stored


def _with_attributes(node: Node, layer: Layer) -> Node:
    binding = operator(node.op).tflite
    assert binding is not None
    stored = type(node.attributes).__name__
    if binding.options is not None and node.attributes is not None and stored != binding.options:
        raise ModelError(f"{layer}: its options table is {stored}, must be {binding.options}")
    options = node.attributes if binding.options is not None else None
    try:
        attributes = binding.attributes(options, layer.replace(attributes=None))
    except (ModelError, UnsupportedError) as error:
        raise type(error)(f"{layer}: {error}") from error
    except (*DAMAGE, ArithmeticError) as error:
        raise ModelError(f"{layer}: its operands or options are malformed ({one_line(error)})") from error
    return Node(node.op, node.name, binding.kept(node.inputs), node.outputs, attributes)
