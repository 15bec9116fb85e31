"""Compute at import what depends on shapes and constants only, as the shape arithmetic that converters leave behind."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array, Graph, Layer, Tensor
from simref.ops import OPERATORS, check_layer, operator
from simref.passes._shape_arithmetic import FOLDED_DTYPES, MAX_ELEMENTS, evaluate

# Layers over constants are computed here up to this much work, the cost of a small network.
MAX_MACC = 1 << 24


def fold_constants(graph: Graph) -> Graph:
    """Turn every stored node over int32, int64, bool or float32 constants, and every SHAPE and RANK, into constants.

    Runs on nodes whose options are unread (`Node.attributes` is the options table). Promises: the values are those
    TFLite's kernels compute; nodes it cannot compute stay in place. Raises ModelError where a value contradicts the
    stored shape.
    """
    tensors = list(graph.tensors)
    kept = []
    for node, layer in zip(graph.nodes, graph.layers, strict=True):
        now = layer.replace(inputs=tuple(None if i is None else tensors[i] for i in node.inputs))
        values = _stored_values(now)
        if values is None:
            kept.append(node)
        else:
            _store(now, tensors, node.outputs, values)
    return dataclasses.replace(graph, tensors=tuple(tensors), nodes=tuple(kept))


def fold_constant_layers(graph: Graph) -> Graph:
    """Turn every supported layer whose operands are all constants into constants, computed by its own reference.

    Runs on nodes whose attributes are read, e.g. the QUANTIZE or the RESHAPE of stored weights. Promises: the values
    are the reference's; layers that break a rule stay, to be refused with its reason.
    """
    tensors = list(graph.tensors)
    kept = []
    for node, layer in zip(graph.nodes, graph.layers, strict=True):
        now = layer.replace(inputs=tuple(None if i is None else tensors[i] for i in node.inputs))
        if _is_constant_layer(now):
            arrays = [
                tensor.data[np.newaxis] for tensor in now.inputs if tensor is not None and tensor.data is not None
            ]
            values = [value[0] for value in operator(node.op).reference(now, arrays)]
            _store(now, tensors, node.outputs, values)
        else:
            kept.append(node)
    return dataclasses.replace(graph, tensors=tuple(tensors), nodes=tuple(kept))


def _is_constant_layer(layer: Layer) -> bool:
    if layer.op not in OPERATORS or not layer.inputs:
        return False
    if not all(tensor is None or tensor.is_constant for tensor in layer.inputs):
        return False
    try:
        check_layer(layer)
    except UnsupportedError:
        return False
    size = max(tensor.elements for tensor in layer.outputs)
    return operator(layer.op).macc(layer) <= MAX_MACC and size <= MAX_MACC


def _store(layer: Layer, tensors: list[Tensor], outputs: Sequence[int], values: Sequence[Array]) -> None:
    for index, value in zip(outputs, values, strict=True):
        tensor = tensors[index]
        if value.shape != tensor.shape:
            raise ModelError(
                f'{layer}: tensor "{tensor.name}" has the stored shape {tensor.shape}, computed is {value.shape}'
            )
        tensors[index] = dataclasses.replace(tensor, data=np.array(value, tensor.dtype, order="C"))


def _stored_values(layer: Layer) -> Sequence[Array] | None:
    """The outputs of a stored node, or None where it is not shape arithmetic over constants."""
    if any(t.dtype.name not in FOLDED_DTYPES or t.elements > MAX_ELEMENTS for t in layer.outputs):
        return None
    if layer.op in ("SHAPE", "RANK") and len(layer.inputs) == 1 and layer.inputs[0] is not None:
        shape = layer.inputs[0].shape
        return [np.array(shape if layer.op == "SHAPE" else len(shape))]
    operands = [tensor.data for tensor in layer.inputs if tensor is not None and tensor.data is not None]
    if not operands or len(operands) < len(layer.inputs):
        return None
    if any(data.dtype.name not in FOLDED_DTYPES or data.size > MAX_ELEMENTS for data in operands):
        return None
    return evaluate(layer, operands)
