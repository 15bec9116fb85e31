"""ONNX files to graphs: read what is stored, fold what is known, turn each node into layers.

Images are NHWC here and NCHW there. Each value knows the order its dimensions are stored in; convolutions store what
they write with the channels last, and other layers carry that along, so that elements are moved only where a node must
have the model's own order. Inputs and outputs of the network always have it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from simref.builder import GraphBuilder
from simref.errors import ModelError, SimrefError, UnsupportedError
from simref.graph import Array, Graph, Shape
from simref.importers._untrusted import DAMAGE, one_line
from simref.importers.onnx import (
    activations,
    arithmetic,
    convolution,
    matmul,
    movement,
    normalization,
    pooling,
    quantization,
    recurrent,
    reduction,
    resize,
)
from simref.importers.onnx.constants import Evaluator, shape_or_size
from simref.importers.onnx.context import REPLACED, Context, Converter
from simref.importers.onnx.layout import plain
from simref.importers.onnx.reader import MICROSOFT, Body, Input, Node, StoredModel, needed_nodes, read_model
from simref.importers.onnx.shapes import batch_names, check_fits, static_shape
from simref.importers.onnx.value import Value, constant
from simref.ops.reshape import Attributes as Reshape
from simref.passes.fold_constants import fold_constants
from simref.passes.fuse_gates import fuse_gates
from simref.passes.fuse_layer_norm import fuse_layer_norm
from simref.passes.fuse_quantized import fuse_quantized
from simref.passes.remove_dead import remove_dead

CONVERTERS: dict[str, Converter] = {
    **activations.CONVERTERS,
    **arithmetic.CONVERTERS,
    **convolution.CONVERTERS,
    **matmul.CONVERTERS,
    **movement.CONVERTERS,
    **normalization.CONVERTERS,
    **pooling.CONVERTERS,
    **quantization.CONVERTERS,
    **recurrent.CONVERTERS,
    **reduction.CONVERTERS,
    **resize.CONVERTERS,
}
DOMAINS = {"": CONVERTERS, MICROSOFT: quantization.MICROSOFT}


def import_onnx(
    data: bytes,
    name: str = "model",
    *,
    folder: Path | None = None,
    input_shapes: Mapping[str, Shape] | None = None,
    constants: Mapping[str, Array] | None = None,
) -> Graph:
    """Return the graph of an ONNX file's content; `name` becomes the graph's name and starts each ModelError.

    folder: where the file lies; tensors stored in other files are read from there and from nowhere else.
    input_shapes: of inputs by name, for dimensions that the file leaves open; an open batch is 1.
    constants: inputs by name that get a fixed value and are no inputs of the graph.
    Inputs and outputs have the file's names, shapes and order of dimensions. Raises ModelError or UnsupportedError,
    each one line.
    """
    try:
        # Constants that overflow are refused where they are used, by name.
        with np.errstate(all="ignore"):
            return _Import(read_model(data, folder), name).graph(input_shapes or {}, constants or {})
    except SimrefError as error:
        # Operators, attributes and dimensions have names too, which may hold anything.
        raise type(error)(f"{name}: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise ModelError(f"{name}: its branches are nested too deeply") from error
    except (*DAMAGE, ArithmeticError) as error:
        raise ModelError(f"{name}: its attributes or operands are malformed ({one_line(error)})") from error


class _Import:
    """One walk over the nodes of one model."""

    def __init__(self, stored: StoredModel, name: str) -> None:
        self._stored = stored
        self._context = Context(GraphBuilder(name))
        self._evaluator = Evaluator()

    def graph(self, shapes: Mapping[str, Shape], constants: Mapping[str, Array]) -> Graph:
        context, body = self._context, self._stored.body
        self._inputs(shapes, constants)
        self._body(body)
        outputs: list[int] = []
        for output, dtype in zip(body.outputs, self._stored.output_dtypes, strict=True):
            outputs.append(self._output(output, dtype, (*context.builder.inputs, *outputs)))
        if not outputs or not context.builder.inputs:
            raise UnsupportedError(f"the network has no {'inputs' if outputs else 'outputs'}, must have at least one")
        if context.replaced:
            kinds = " and ".join(sorted(context.replaced))
            context.builder.notes.append(
                f"computes in float32 where the file says {kinds}; inputs and outputs keep their types"
            )
        graph = fuse_quantized(context.builder.graph(outputs), context.quantizations)
        graph = fuse_gates(fuse_layer_norm(remove_dead(fold_constants(graph))))
        return _named(graph, body.outputs)

    def _inputs(self, shapes: Mapping[str, Shape], constants: Mapping[str, Array]) -> None:
        inputs = self._stored.inputs
        known = {declared.name for declared in inputs}
        for name in (*shapes, *constants):
            if name not in known:
                names = ", ".join(f'"{known_name}"' for known_name in known)
                raise UnsupportedError(f'the network has no input "{name}"; its inputs are {names}')
        batches = batch_names(inputs)
        for declared in inputs:
            if declared.name in constants:
                self._define(declared.name, _frozen(declared, np.asarray(constants[declared.name])))
                continue
            shape = static_shape(declared, shapes.get(declared.name), batches)
            tensor = self._context.builder.input(self._context.unique(declared.name), shape, declared.dtype)
            value = Value(declared.name, shape, np.dtype(declared.dtype), tensor, plain(len(shape)))
            self._define(declared.name, self._context.replacement(_port("Input", declared.name), value))

    def _define(self, name: str, value: Value) -> None:
        if name in self._context.values:
            raise ModelError(f'"{name}" is written twice')
        self._context.values[name] = value

    def _body(self, body: Body) -> None:
        for name, data in body.constants.items():
            self._define(name, constant(name, data))
        for node in needed_nodes(body.nodes, body.outputs):
            for name, value in zip(node.outputs, self._node(node), strict=False):
                if name:
                    self._define(name, value)

    def _node(self, node: Node) -> Sequence[Value]:
        if node.op == "If" and not node.domain:
            return self._branch(node)
        operands = [self._context.given(node, position) for position in range(len(node.inputs))]
        known = self._known(node, operands)
        if known is not None:
            return [constant(name, data) for name, data in zip(node.outputs, known, strict=True)]
        convert = DOMAINS.get(node.domain, {}).get(node.op)
        if convert is None:
            of = f" of {node.domain}" if node.domain else ""
            raise UnsupportedError(
                f"{node}: its operator{of} is not supported. See 'simref supported-ops --format onnx'."
            )
        return convert(self._context, node)

    def _known(self, node: Node, operands: Sequence[Value | None]) -> list[Array] | None:
        """The node's outputs where they do not depend on the network's inputs."""
        first = operands[0] if operands else None
        if first is not None and not node.domain and (sizes := shape_or_size(node, first.shape)) is not None:
            return sizes
        if any(value is not None and value.data is None for value in operands) or not operands:
            return None
        return self._evaluator.evaluate(node, [None if value is None else value.data for value in operands])

    def _branch(self, node: Node) -> Sequence[Value]:
        """The branch of an If whose condition is known, in the place of the node."""
        condition = self._context.constant(node, 0, "its condition")
        if condition is None or condition.size != 1:
            raise ModelError(f"{node}: its condition must be one element")
        branch = node.attributes.get("then_branch" if condition.reshape(-1)[0] else "else_branch")
        if not isinstance(branch, Body) or len(branch.outputs) != len(node.outputs):
            raise ModelError(f"{node}: its branches must have {len(node.outputs)} outputs")
        self._body(branch)
        missing = [name for name in branch.outputs if name not in self._context.values]
        if missing:
            raise ModelError(f'{node}: "{missing[0]}" is not written in its branch')
        return [self._context.values[name] for name in branch.outputs]

    def _output(self, name: str, dtype: str | None, taken: Sequence[int]) -> int:
        """The tensor of an output of the network, in the model's order and none of those taken.

        dtype: as declared; a float32 tensor in the place of a float16 or float64 one is turned into that.
        """
        context = self._context
        if name not in context.values:
            raise ModelError(f'output "{name}" is not written by any node')
        value = context.values[name]
        node = _port("Output", name)
        if value.data is not None:
            raise UnsupportedError(f'output "{name}" is a constant, must be computed by a layer')
        tensor = context.plain(node, value)
        if dtype is None and context.replaced and value.dtype == np.float32:
            raise ModelError(f'output "{name}" says no type, must be {" or ".join(("float32", *REPLACED))}')
        if dtype in REPLACED and value.dtype == np.float32:
            context.replaced.add(dtype)
            original = context.originals.get(tensor, tensor)
            if original not in taken and context.builder.tensors[original].dtype == dtype:
                return original
            return context.layer(node, "CAST", [original], dtype=dtype)
        if tensor in taken:
            return context.layer(node, "RESHAPE", [tensor], Reshape(value.shape))
        return tensor


def _port(op: str, name: str) -> Node:
    """What stands for an input or output of the network where a layer is named."""
    return Node(0, "", op, name, (), (name,), {}, 0)


def _frozen(declared: Input, data: Array) -> Value:
    """The constant in the place of an input. Raises UnsupportedError for another dtype or shape than the declared."""
    if data.dtype != declared.dtype:
        raise UnsupportedError(f'input "{declared.name}" is {declared.dtype}, cannot be frozen at {data.dtype}')
    check_fits(declared, data.shape)
    return constant(declared.name, data)


def _named(graph: Graph, outputs: Sequence[str]) -> Graph:
    """The graph with its outputs' tensors named as the file names them."""
    tensors = list(graph.tensors)
    for index, name in zip(graph.outputs, outputs, strict=True):
        tensors[index] = dataclasses.replace(tensors[index], name=name)
    return dataclasses.replace(graph, tensors=tuple(tensors))
