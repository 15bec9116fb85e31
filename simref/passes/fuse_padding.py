"""A layer that pads its input, in the place of a PAD and the convolution or pooling layer that reads it."""

from __future__ import annotations

import dataclasses

import numpy as np

from simref.graph import Graph, Layer, Node
from simref.ops import violation
from simref.passes._affine import activation_of
from simref.passes._links import Links
from simref.passes.remove_dead import remove_dead

_PADS = ("PAD", "PADV2")
CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")


def fuse_padding(graph: Graph) -> Graph:
    """Move each border of height and width into the pads of its only reader, where these stand for the border's value.

    Convolutions pad with zero (quantized: the zero point); AVERAGE_POOL_2D too, if it counts the padding; MAX_POOL_2D
    with what is never the maximum, as zero is not behind a RELU. Runs on nodes whose attributes are read. Promises: the
    outputs are the same in every bit; a layer whose rules allow no such pads keeps its PAD.
    """
    links = Links(graph)
    nodes: dict[int, Node] = dict(enumerate(graph.nodes))
    for layer in graph.layers:
        fused, source = layer, graph.nodes[layer.index].inputs[0] if layer.inputs else None
        while links.is_private(source) and (position := links.writer(source)) is not None:
            before = links.writer(graph.nodes[position].inputs[0]) if graph.nodes[position].inputs else None
            grown = _with_pads_of(graph.layers[position], fused, None if before is None else graph.layers[before])
            if grown is None or violation(grown) is not None:
                break
            fused, source = grown, nodes.pop(position).inputs[0]
        if fused is not layer:
            node = graph.nodes[layer.index]
            nodes[layer.index] = dataclasses.replace(
                node, inputs=(source, *node.inputs[1:]), attributes=fused.attributes
            )
    kept = tuple(nodes[position] for position in sorted(nodes))
    return remove_dead(dataclasses.replace(graph, nodes=kept))


def _with_pads_of(pad: Layer, reader: Layer, writer: Layer | None) -> Layer | None:
    """The reader on the PAD's input, with its pads; None where its own pads mean something else.

    writer: of the PAD's input.
    """
    if pad.op not in _PADS or len(pad.output.shape) != 4:
        return None
    batch, rows, columns, channels = pad.attributes.pads
    meaning = _meaning(reader, pad.attributes.value, writer)
    if meaning is None or any((*batch, *channels)):
        return None
    pads = tuple(own + more for own, more in zip(reader.attributes.pads, (*rows, *columns), strict=True))
    attributes = dataclasses.replace(reader.attributes, pads=pads, **meaning)
    return reader.replace(inputs=(pad.input(0), *reader.inputs[1:]), attributes=attributes)


def _meaning(reader: Layer, value: float, writer: Layer | None) -> dict[str, bool] | None:
    """The attributes with which the layer's pads stand for elements of that value; None where none do."""
    x = reader.optional_input(0)
    if x is None:
        return None
    is_zero = value == (0 if x.quantization is None or x.per_channel else x.zero_point)
    if reader.op in CONVOLUTIONS:
        return {} if is_zero else None
    if reader.op == "MAX_POOL_2D":
        lowest = value == (-np.inf if x.dtype == np.float32 else np.iinfo(x.dtype).min)
        return {} if lowest or (is_zero and writer is not None and _is_rectified(writer)) else None
    if reader.op == "AVERAGE_POOL_2D" and x.dtype == np.float32 and is_zero:
        counted = reader.attributes.include_pad or not any(reader.attributes.pads)
        return {"include_pad": True} if counted else None
    return None


def _is_rectified(layer: Layer) -> bool:
    """Whether no element of the output is below zero, nor -0.0: a sum with a bias is never that."""
    sums = layer.op in (*CONVOLUTIONS, "TRANSPOSE_CONV", "FULLY_CONNECTED") or layer.output.dtype == np.int8
    return sums and activation_of(layer).value[0] == 0
