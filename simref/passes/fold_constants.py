"""Compute at import the layers whose operands are all stored, such as the QUANTIZE or TRANSPOSE of weights."""

from __future__ import annotations

import dataclasses

import numpy as np

from simref.errors import UnsupportedError
from simref.graph import Graph, Layer
from simref.ops import OPERATORS, check_layer, operator

# A constant is computed here up to this many multiply-accumulates and elements: far above any network's weights.
MAX_WORK = 1 << 24


def fold_constants(graph: Graph) -> Graph:
    """Turn every supported layer whose operands are all constants into constants, computed by its own reference.

    Runs on nodes whose attributes are read. Promises: the values are those of the reference, so every output of the
    graph is the same in every bit; layers that break a rule stay, to be refused with their reason.
    """
    tensors = list(graph.tensors)
    kept = []
    for node, layer in zip(graph.nodes, graph.layers, strict=True):
        now = layer.replace(inputs=tuple(None if index is None else tensors[index] for index in node.inputs))
        if not _is_constant(now):
            kept.append(node)
            continue
        operands = [tensor.data[np.newaxis] for tensor in now.inputs if tensor is not None and tensor.data is not None]
        values = operator(node.op).form(now).reference(now, operands)
        for index, value in zip(node.outputs, values, strict=True):
            tensors[index] = dataclasses.replace(tensors[index], data=value[0])
    return dataclasses.replace(graph, tensors=tuple(tensors), nodes=tuple(kept))


def _is_constant(layer: Layer) -> bool:
    if layer.op not in OPERATORS or not layer.inputs:
        return False
    if not all(tensor is None or tensor.is_constant for tensor in layer.inputs):
        return False
    try:
        check_layer(layer)
    except UnsupportedError:
        return False
    return max(operator(layer.op).macc(layer), *(tensor.elements for tensor in layer.outputs)) <= MAX_WORK
