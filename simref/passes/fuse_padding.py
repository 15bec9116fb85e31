"""A layer that pads its input, in the place of a PAD and the convolution or MAX_POOL_2D that reads it."""

from __future__ import annotations

import dataclasses

import numpy as np

from simref.graph import Graph, Layer, Node
from simref.ops import violation
from simref.passes._links import Links
from simref.passes.remove_dead import remove_dead

_PADS = ("PAD", "PADV2")
_CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")


def fuse_padding(graph: Graph) -> Graph:
    """Move each border of height and width into the pads of its only reader, where that reader pads with its value.

    Convolutions pad with zero (quantized: the zero point), MAX_POOL_2D with what no maximum is. Runs on nodes whose
    attributes are read. Promises: the outputs are the same in every bit; a layer whose rules allow no such pads keeps
    its PAD.
    """
    links = Links(graph)
    nodes: dict[int, Node] = dict(enumerate(graph.nodes))
    for layer in graph.layers:
        fused, source = layer, graph.nodes[layer.index].inputs[0] if layer.inputs else None
        while links.is_private(source) and (position := links.writer(source)) is not None:
            grown = _with_pads_of(graph.layers[position], fused)
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


def _with_pads_of(pad: Layer, reader: Layer) -> Layer | None:
    """The reader on the PAD's input, with its pads; None where it does not pad with that value, or not so."""
    if pad.op not in _PADS or len(pad.output.shape) != 4 or not _pads_with(reader, pad.attributes.value):
        return None
    batch, rows, columns, channels = pad.attributes.pads
    if any((*batch, *channels)):
        return None
    pads = tuple(own + more for own, more in zip(reader.attributes.pads, (*rows, *columns), strict=True))
    attributes = dataclasses.replace(reader.attributes, pads=pads)
    return reader.replace(inputs=(pad.input(0), *reader.inputs[1:]), attributes=attributes)


def _pads_with(reader: Layer, value: float) -> bool:
    """Whether elements of that value around the input are what the layer's own pads stand for."""
    x = reader.input(0)
    if reader.op in _CONVOLUTIONS:
        return value == (0 if x.quantization is None or x.per_channel else x.zero_point)
    if reader.op != "MAX_POOL_2D":
        return False
    return bool(value == (-np.inf if x.dtype == np.float32 else np.iinfo(x.dtype).min))
