"""One dilated convolution in the place of SPACE_TO_BATCH_ND -> convolution -> BATCH_TO_SPACE_ND.

The middle convolution sees every block-th row and column of the padded image, one phase per batch entry. With stride 1
it computes a convolution dilated by the block: tap j of output row i reads row i + crop + block * dilation * j of the
padded image, so the pads of the one convolution are padding + block * its own pads - crop.
"""

from __future__ import annotations

import dataclasses

from simref.errors import UnsupportedError
from simref.graph import Graph, Layer, Node, Tensor

_CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
_CHAIN = "SPACE_TO_BATCH_ND -> CONV_2D or DEPTHWISE_CONV_2D -> BATCH_TO_SPACE_ND"


def fold_dilation(graph: Graph) -> Graph:
    """Replace every such chain by its dilated convolution, at the place of the chain's end.

    Runs on convolutions whose attributes are read and on stored SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND nodes.
    Promises: the output of the chain is the same in every bit. The chain's nodes stay for `remove_dead` where nobody
    else reads them. Raises UnsupportedError for BATCH_TO_SPACE_ND in any other company, with the reason.
    """
    writers = {index: position for position, node in enumerate(graph.nodes) for index in node.outputs}
    nodes = tuple(
        _folded(graph, node, layer, writers) if node.op == "BATCH_TO_SPACE_ND" else node
        for node, layer in zip(graph.nodes, graph.layers, strict=True)
    )
    return dataclasses.replace(graph, nodes=nodes)


def _folded(graph: Graph, node: Node, layer: Layer, writers: dict[int, int]) -> Node:
    inner = _writer(graph, node, writers, _CONVOLUTIONS, layer)
    outer = _writer(graph, graph.nodes[inner], writers, ("SPACE_TO_BATCH_ND",), layer)
    scatter, convolution = graph.layers[outer], graph.layers[inner]
    block, paddings = _operand(layer, scatter, 1), _operand(layer, scatter, 2)
    crops = _operand(layer, layer, 2)
    if len(block) != 2 or block != _operand(layer, layer, 1) or min(block) < 1:
        raise UnsupportedError(
            f"{layer}: its block is {_operand(layer, layer, 1)} and that of {scatter} {block}, must be the same two"
        )
    if convolution.attributes.stride != (1, 1):
        raise UnsupportedError(f"{layer}: the stride of {convolution} is {convolution.attributes.stride}, must be 1")
    _same_quantization(layer, scatter.input(0), scatter.output)
    _same_quantization(layer, layer.input(0), layer.output)
    steps = (block[0], block[0], block[1], block[1])
    pads = tuple(
        padding + step * own - crop
        for padding, step, own, crop in zip(paddings, steps, convolution.attributes.pads, crops, strict=True)
    )
    if min(pads) < 0:
        raise UnsupportedError(f"{layer}: it crops {crops} from an image padded by {paddings}, must crop padding only")
    height, width = convolution.attributes.dilation
    attributes = dataclasses.replace(convolution.attributes, pads=pads, dilation=(height * block[0], width * block[1]))
    inputs = (graph.nodes[outer].inputs[0], *graph.nodes[inner].inputs[1:])
    return Node(convolution.op, node.name, inputs, node.outputs, attributes)


def _writer(graph: Graph, node: Node, writers: dict[int, int], ops: tuple[str, ...], layer: Layer) -> int:
    """The position of the node that writes input 0 of `node`, which must be one of `ops`."""
    source = node.inputs[0] if node.inputs else None
    position = writers.get(source) if source is not None else None
    if position is None or graph.nodes[position].op not in ops:
        found = "no layer" if position is None else str(graph.layers[position])
        raise UnsupportedError(f"{layer}: it follows {found}, must end {_CHAIN}")
    return position


def _operand(layer: Layer, owner: Layer, position: int) -> tuple[int, ...]:
    tensor = owner.optional_input(position)
    if tensor is None or tensor.data is None:
        raise UnsupportedError(f"{layer}: input {position} of {owner} is no constant, must be one")
    return tuple(tensor.data.ravel().tolist())


def _same_quantization(layer: Layer, first: Tensor, second: Tensor) -> None:
    found = [
        None if t.quantization is None else (t.quantization.scale.tolist(), t.quantization.zero_point.tolist())
        for t in (first, second)
    ]
    if found[0] != found[1] or first.dtype != second.dtype:
        raise UnsupportedError(
            f'{layer}: "{first.name}" and "{second.name}" differ in scale, zero point or dtype, must be the same'
        )
