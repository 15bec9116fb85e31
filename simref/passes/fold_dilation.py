"""One dilated convolution in the place of SPACE_TO_BATCH_ND -> convolution -> BATCH_TO_SPACE_ND.

The middle convolution sees every block-th row and column of the padded image, one phase per batch entry. With stride 1
it computes a convolution dilated by the block: tap j of output row i reads row i + crop + block * dilation * j of the
padded image, so the pads of the one convolution are padding + block * its own pads - crop.

One-dimensional convolutions do so on sequences (samples, length, channels) and show them to the convolution as images
of one row or one column: an EXPAND_DIMS, RESHAPE or SQUEEZE stands on either side of it. The batch that a converter
stores for the tensors in between may be 1, because the file's batch is open, so it is not looked at.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from simref.errors import UnsupportedError
from simref.graph import Graph, Layer, Node, Shape, Tensor
from simref.ops.reshape import Attributes as ReshapeAttributes
from simref.passes.remove_dead import remove_dead

_CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
_VIEWS = ("EXPAND_DIMS", "RESHAPE", "SQUEEZE")
_CHAIN = "SPACE_TO_BATCH_ND -> CONV_2D or DEPTHWISE_CONV_2D -> BATCH_TO_SPACE_ND"


@dataclass(frozen=True)
class _Chain:
    """The three nodes' positions; `absent` is the dimension (1 or 2) that a sequence lacks, None for images."""

    scatter: int
    convolution: int
    gather: int
    absent: int | None


def fold_dilation(graph: Graph) -> Graph:
    """Replace every such chain by its dilated convolution, at the place of the chain's end.

    Runs on convolutions and views whose attributes are read and on stored SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND
    nodes. Promises: the outputs are the same in every bit, and neither of the two operators is left. Raises
    UnsupportedError where one of them stands in any other company, with the reason.
    """
    writers = {index: position for position, node in enumerate(graph.nodes) for index in node.outputs}
    tensors = list(graph.tensors)
    nodes: list[Node] = []
    for position, node in enumerate(graph.nodes):
        if node.op == "BATCH_TO_SPACE_ND":
            nodes += _folded(graph, _chain(graph, position, writers), tensors)
        else:
            nodes.append(node)
    folded = remove_dead(dataclasses.replace(graph, tensors=tuple(tensors), nodes=tuple(nodes)))
    for layer in folded.layers:
        if layer.op == "SPACE_TO_BATCH_ND":
            raise UnsupportedError(f"{layer}: its output goes elsewhere too, must only start {_CHAIN}")
    return folded


def _chain(graph: Graph, gather: int, writers: dict[int, int]) -> _Chain:
    layer = graph.layers[gather]
    sequence = len(layer.output.shape) == 3
    convolution = _writer(graph, gather, writers, _CONVOLUTIONS, layer, through_view=sequence)
    scatter = _writer(graph, convolution, writers, ("SPACE_TO_BATCH_ND",), layer, through_view=sequence)
    return _Chain(scatter, convolution, gather, _absent_dimension(graph, convolution) if sequence else None)


def _writer(
    graph: Graph, position: int, writers: dict[int, int], ops: tuple[str, ...], layer: Layer, *, through_view: bool
) -> int:
    """The position of the node of one of `ops` that writes input 0 of the node at `position`."""
    inputs = graph.nodes[position].inputs
    writer = writers.get(inputs[0]) if inputs and inputs[0] is not None else None
    if writer is not None and graph.nodes[writer].op in ops:
        return writer
    if writer is not None and through_view and graph.nodes[writer].op in _VIEWS:
        return _writer(graph, writer, writers, ops, layer, through_view=False)
    found = "no layer" if writer is None else str(graph.layers[writer])
    raise UnsupportedError(f"{layer}: it follows {found}, must end {_CHAIN}")


def _absent_dimension(graph: Graph, convolution: int) -> int:
    """The dimension of the image that the sequence lacks: the rows, unless kernel or image are taller than one."""
    layer = graph.layers[convolution]
    return 1 if layer.input(1).shape[1] == 1 and layer.input(0).shape[1] == 1 else 2


def _folded(graph: Graph, chain: _Chain, tensors: list[Tensor]) -> list[Node]:
    """The nodes in the place of the chain's end; `tensors` grows where a sequence needs to be seen as an image."""
    scatter, inner, gather = (graph.layers[i] for i in (chain.scatter, chain.convolution, chain.gather))
    _same_quantization(gather, scatter.input(0), scatter.output)
    _same_quantization(gather, gather.input(0), gather.output)
    node = Node(
        inner.op,
        gather.name,
        (graph.nodes[chain.scatter].inputs[0], *graph.nodes[chain.convolution].inputs[1:]),
        graph.nodes[chain.gather].outputs,
        _dilated(chain, scatter, inner, gather),
    )
    if chain.absent is None:
        return [node]
    image = _added(tensors, scatter.input(0), chain.absent, "image")
    result = _added(tensors, gather.output, chain.absent, "dilated")
    return [
        _view(node.inputs[0], image, tensors),
        dataclasses.replace(node, name=tensors[result].name, inputs=(image, *node.inputs[1:]), outputs=(result,)),
        _view(result, node.outputs[0], tensors),
    ]


def _dilated(chain: _Chain, scatter: Layer, inner: Layer, gather: Layer) -> object:
    """The convolution's attributes with the block as dilation and all padding and cropping as pads."""
    block = _spatial(chain, _operand(gather, scatter, 1), 1)
    if block != _spatial(chain, _operand(gather, gather, 1), 1) or len(block) != 2 or min(block) < 1:
        raise UnsupportedError(
            f"{gather}: its block is {_operand(gather, gather, 1)} and that of {scatter} "
            f"{_operand(gather, scatter, 1)}, must be the same and positive"
        )
    if inner.attributes.stride != (1, 1):
        raise UnsupportedError(f"{gather}: the stride of {inner} is {inner.attributes.stride}, must be (1, 1)")
    paddings = _spatial(chain, _operand(gather, scatter, 2), 0)
    crops = _spatial(chain, _operand(gather, gather, 2), 0)
    steps = (block[0], block[0], block[1], block[1])
    pads = tuple(p + s * own - c for p, s, own, c in zip(paddings, steps, inner.attributes.pads, crops, strict=True))
    if min(pads) < 0:
        raise UnsupportedError(f"{gather}: it crops {crops} from an image padded by {paddings}, must crop padding only")
    height, width = inner.attributes.dilation
    dilation = (height * block[0], width * block[1])
    changed: object = dataclasses.replace(inner.attributes, pads=pads, dilation=dilation)
    return changed


def _spatial(chain: _Chain, values: tuple[int, ...], neutral: int) -> tuple[int, ...]:
    """Per-dimension values of a sequence as those of an image; the absent dimension gets the neutral value."""
    if chain.absent is None:
        return values
    absent = (neutral,) * len(values)
    return absent + values if chain.absent == 1 else values + absent


def _operand(gather: Layer, owner: Layer, position: int) -> tuple[int, ...]:
    tensor = owner.optional_input(position)
    if tensor is None or tensor.data is None:
        raise UnsupportedError(f"{gather}: input {position} of {owner} is no constant, must be one")
    return tuple(tensor.data.ravel().tolist())


def _added(tensors: list[Tensor], sequence: Tensor, absent: int, role: str) -> int:
    shape: Shape = (*sequence.shape[:absent], 1, *sequence.shape[absent:])
    tensors.append(dataclasses.replace(sequence, name=f"{sequence.name}/{role}", shape=shape, data=None))
    return len(tensors) - 1


def _view(source: int | None, target: int, tensors: list[Tensor]) -> Node:
    return Node("RESHAPE", tensors[target].name, (source,), (target,), ReshapeAttributes(tensors[target].shape))


def _same_quantization(gather: Layer, first: Tensor, second: Tensor) -> None:
    found = [
        None if t.quantization is None else (t.quantization.scale.tolist(), t.quantization.zero_point.tolist())
        for t in (first, second)
    ]
    if found[0] != found[1] or first.dtype != second.dtype:
        raise UnsupportedError(
            f'{gather}: "{first.name}" and "{second.name}" differ in scale, zero point or dtype, must be the same'
        )
