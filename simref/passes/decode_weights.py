"""Float layers with weights in 8 or 16 bits (dynamic-range and float16 files): weights as the reals they stand for.

TFLite computes such a layer by quantizing its input anew in each run ("hybrid" kernels). Here the layer computes in
float32 on the exact values of the stored weights, which is nearer to the network that was trained. int8 weights keep
their one byte each, as indices into the table of their 256 reals, where that is smaller than floats.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from simref.codebook import ENTRIES, Codebook, packed_bytes
from simref.graph import Array, Graph, Node, Tensor
from simref.metrics import reals

# Positions of the weights, and their channel axis where the operator has kernels for codebooks.
_WEIGHTS = {
    "CONV_2D": (1,),
    "DEPTHWISE_CONV_2D": (1,),
    "FULLY_CONNECTED": (1,),
    "TRANSPOSE_CONV": (1,),
    "BATCH_MATMUL": (1,),
    "GATHER": (0,),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": (1, 2, 3, 4, 5, 6, 7, 8),
    "UNIDIRECTIONAL_SEQUENCE_RNN": (1, 2),
}
_CHANNEL_AXES = {"CONV_2D": 0, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 0}


def decode_weights(graph: Graph) -> Graph:
    """Turn stored integers and halves that float layers read, or that DEQUANTIZE turns into floats, into float32.

    Runs on stored nodes. Promises: the float32 values are the correctly rounded reals of the stored ones; `notes` names
    every layer whose weights it changed.
    """
    tensors = list(graph.tensors)
    nodes: list[Node] = []
    notes: list[str] = []
    for stored in graph.nodes:
        node = stored
        if node.op == "DEQUANTIZE" and _is_stored(tensors, node.inputs[0]):
            source, target = tensors[node.inputs[0] or 0], tensors[node.outputs[0]]
            tensors[node.outputs[0]] = dataclasses.replace(target, shape=source.shape, data=_decoded(source))
            continue
        found = []
        for position in _WEIGHTS.get(node.op, ()) if _writes_floats(tensors, node) else ():
            if position < len(node.inputs) and _is_stored(tensors, node.inputs[position]):
                node, note = _with_floats(node, position, tensors, len(nodes))
                found.append(note)
        nodes.append(node)
        notes += dict.fromkeys(found)
    return dataclasses.replace(graph, tensors=tuple(tensors), nodes=tuple(nodes), notes=(*graph.notes, *notes))


def _is_stored(tensors: list[Tensor], index: int | None) -> bool:
    """True for a constant of fewer than 32 bits an element that stands for reals."""
    if index is None or not tensors[index].is_constant:
        return False
    tensor = tensors[index]
    return tensor.dtype == np.float16 or (tensor.dtype.name in ("int8", "uint8") and tensor.quantization is not None)


def _writes_floats(tensors: list[Tensor], node: Node) -> bool:
    return tensors[node.outputs[0]].dtype == np.float32


def _decoded(tensor: Tensor) -> Array:
    assert tensor.data is not None
    return reals(tensor, tensor.data).astype(np.float32)


def _with_floats(node: Node, position: int, tensors: list[Tensor], layer: int) -> tuple[Node, str]:
    index = node.inputs[position]
    assert index is not None
    stored = tensors[index]
    codebook = _codebook(node.op, stored)
    data = _decoded(stored) if codebook is None else codebook.decode()
    tensors.append(Tensor(stored.name, stored.shape, np.dtype(np.float32), None, data, codebook))
    inputs = (*node.inputs[:position], len(tensors) - 1, *node.inputs[position + 1 :])
    how = "as floats" if codebook is None else "as indices into the table of their reals (lut8)"
    where = f'layer {layer} {node.op} "{node.name}"'
    note = f"{where}: its {stored.dtype} weights are kept {how}; it computes in float32, TFLite quantizes its input"
    return dataclasses.replace(node, inputs=inputs), note


def _codebook(op: str, stored: Tensor) -> Codebook | None:
    """The table of the reals of all bytes, for each scale; None where floats take no more bytes."""
    axis = _CHANNEL_AXES.get(op)
    quantization = stored.quantization
    if axis is None or quantization is None or stored.data is None or quantization.axis not in (None, axis):
        return None
    groups, bits = len(quantization.scale), 8
    if groups * ENTRIES[bits] * 4 + packed_bytes(stored.elements, bits) >= 4 * stored.elements:
        return None
    first = np.iinfo(stored.dtype).min
    steps = np.arange(first, first + ENTRIES[bits]) - quantization.zero_point[:, np.newaxis]
    values = (steps * quantization.scale.astype(np.float64)[:, np.newaxis]).astype(np.float32)
    return Codebook(values, (stored.data.astype(np.int16) - first).astype(np.uint8), axis)
