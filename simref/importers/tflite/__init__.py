"""TFLite files to graphs: read what is stored, fold and bind each node, rewrite what has no operator here."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.graph import Graph, Layer, Node, Shape, Tensor
from simref.importers._untrusted import DAMAGE, MAX_TENSOR_BYTES, one_line
from simref.importers.tflite.arithmetic import evaluate
from simref.importers.tflite.loops import convert_loops
from simref.importers.tflite.reader import read_stored
from simref.importers.tflite.rewrites import REWRITES
from simref.ops import OPERATORS, TFLiteBinding, computed_shapes, operator, violation
from simref.passes.decode_weights import decode_weights
from simref.passes.fold_constants import fold_constants
from simref.passes.fold_dilation import fold_dilation
from simref.passes.fuse_batch_norm import fuse_batch_norm
from simref.passes.fuse_column_norm import fuse_column_norm
from simref.passes.fuse_functions import fuse_functions
from simref.passes.fuse_gates import fuse_gates
from simref.passes.fuse_last_state import fuse_last_state
from simref.passes.fuse_layer_norm import fuse_layer_norm
from simref.passes.remove_dead import remove_dead

# Functions before the gates that they are parts of, columns before the scales that rows take over.
_FUSIONS = (fuse_column_norm, fuse_layer_norm, fuse_functions, fuse_gates, fuse_batch_norm, fuse_last_state)


def import_tflite(data: bytes, name: str = "model") -> Graph:
    """Return the graph of a TFLite file's content; `name` becomes the graph's name and starts each ModelError.

    Layers keep the file's order, tensors the file's names; a layer is named for its first output, because TFLite
    operators have no names. Layers whose operator is not supported stay as stored: `check_graph` refuses them.
    Raises ModelError or UnsupportedError, each one line.
    """
    try:
        graph = convert_loops(resolve(remove_dead(decode_weights(read_stored(data, name)))), resolve)
        graph = remove_dead(fold_constants(fold_dilation(remove_dead(graph))))
        _check_outputs(graph)
        graph = _fused(graph)
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
        layer = _bound(stored, len(nodes), tensors)
        values = evaluate(layer)
        if values is not None:
            for index, value in zip(stored.outputs, values, strict=True):
                data = np.array(value, tensors[index].dtype, order="C")
                tensors[index] = dataclasses.replace(tensors[index], shape=data.shape, data=data)
            continue
        for node in _read(stored, layer, tensors):
            if node is not stored:
                bound = _bound(node, len(nodes), tensors)
                for index, shape in zip(node.outputs, _output_shapes(bound), strict=True):
                    tensors[index] = dataclasses.replace(tensors[index], shape=shape)
            nodes.append(node)
    return dataclasses.replace(graph, tensors=tuple(tensors), nodes=tuple(nodes))


def _bound(node: Node, index: int, tensors: Sequence[Tensor]) -> Layer:
    inputs = tuple(None if k is None else tensors[k] for k in node.inputs)
    return Layer(index, node.op, node.name, inputs, tuple(tensors[k] for k in node.outputs), node.attributes)


def _read(stored: Node, layer: Layer, tensors: list[Tensor]) -> list[Node]:
    """Nodes with attributes that compute the stored one; the stored one itself where its operator is not supported.

    `tensors` grows by what lies between them.
    """
    try:
        if stored.op in REWRITES:
            return REWRITES[stored.op](layer, stored, tensors)
        if stored.op in OPERATORS and (binding := operator(stored.op).tflite) is not None:
            return [_with_attributes(stored, layer, binding)]
    except (ModelError, UnsupportedError) as error:
        raise type(error)(f"{layer}: {error}") from error
    except (*DAMAGE, ArithmeticError) as error:
        raise ModelError(f"{layer}: its operands or options are malformed ({one_line(error)})") from error
    return [stored]


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


def _with_attributes(node: Node, layer: Layer, binding: TFLiteBinding) -> Node:
    stored = type(node.attributes).__name__
    if binding.options is not None and node.attributes is not None and stored != binding.options:
        raise ModelError(f"its options table is {stored}, must be {binding.options}")
    options = node.attributes if binding.options is not None else None
    attributes = binding.attributes(options, layer.replace(attributes=None))
    return Node(node.op, node.name, binding.kept(node.inputs), node.outputs, attributes)


def _fused(graph: Graph) -> Graph:
    """Whole functions of floats in the place of the parts that the converter writes.

    Networks of integers have none; a graph that is refused anyway stays.
    """
    if not graph.computes_floats or any(
        layer.op not in OPERATORS or violation(layer) is not None for layer in graph.layers
    ):
        return graph
    for rewrite in _FUSIONS:
        graph = rewrite(graph)
    return graph
