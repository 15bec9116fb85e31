"""TFLite files to graphs: read, fold what is constant, read each operator's attributes, fold dilations, check."""

from __future__ import annotations

from simref.errors import ModelError, UnsupportedError
from simref.graph import Graph, Layer, Node
from simref.importers._tflite_reader import DAMAGE, one_line, read_stored
from simref.ops import OPERATORS, operator
from simref.passes.fold_constants import fold_constant_layers, fold_constants
from simref.passes.fold_dilation import fold_dilation
from simref.passes.remove_dead import remove_dead


def import_tflite(data: bytes, name: str = "model") -> Graph:
    """Return the graph of a TFLite file's content; `name` becomes the graph's name and starts each ModelError.

    Layers keep the file's order, tensors the file's names; a layer is named for its first output, because TFLite
    operators have no names. Layers whose operator is not supported stay as stored: `check_graph` refuses them.
    Raises ModelError or UnsupportedError, each one line.
    """
    try:
        stored = remove_dead(fold_constants(read_stored(data, name)))
        graph = remove_dead(fold_constant_layers(fold_dilation(read_attributes(stored))))
        _check_outputs(graph)
    except ModelError as error:
        raise ModelError(f"{name}: {error}") from error
    except (*DAMAGE, ArithmeticError) as error:
        raise ModelError(f"{name}: its operands or options are malformed ({one_line(error)})") from error
    return graph


def _check_outputs(graph: Graph) -> None:
    """After folding, each output must still be the work of a layer."""
    written = {index for node in graph.nodes for index in node.outputs}
    for index in graph.outputs:
        if index not in written:
            name = graph.tensors[index].name
            raise UnsupportedError(f'output "{name}" is an input or a constant, must be computed by a layer')


def read_attributes(graph: Graph) -> Graph:
    """Read the options of every stored node into its operator's attributes and keep its data operands only."""
    nodes = tuple(
        _with_attributes(node, layer) if node.op in OPERATORS else node
        for node, layer in zip(graph.nodes, graph.layers, strict=True)
    )
    return Graph(graph.name, graph.tensors, nodes, graph.inputs, graph.outputs)


def _with_attributes(node: Node, layer: Layer) -> Node:
    binding = operator(node.op).tflite
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
