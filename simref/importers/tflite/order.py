"""Whether the nodes of a stored graph can run in its order."""

from __future__ import annotations

from simref.errors import ModelError, UnsupportedError
from simref.graph import Graph


def check_order(graph: Graph) -> None:
    """Raise ModelError unless each tensor has one writer and each node reads only what was written before it."""
    ready = {index for index, tensor in enumerate(graph.tensors) if tensor.is_constant}
    sources = dict.fromkeys(ready, "a constant")
    for index in graph.inputs:
        _claim(graph, sources, index, "an input of the model")
    for position, node in enumerate(graph.nodes):
        for output in node.outputs:
            _claim(graph, sources, output, f"written by operator {position} {node.op}")
    ready.update(graph.inputs)
    for position, node in enumerate(graph.nodes):
        for operand in node.inputs:
            if operand is not None and operand not in ready:
                name = graph.tensors[operand].name
                late = sources.get(operand)
                reason = f"which is {late}, not before it (cyclic or out of order)" if late else "which nothing writes"
                raise ModelError(f'operator {position} {node.op} reads tensor "{name}", {reason}')
        ready.update(node.outputs)
    for index in graph.outputs:
        if index not in ready:
            raise ModelError(f'output "{graph.tensors[index].name}" is written by no operator')
    if len(set(graph.outputs)) != len(graph.outputs):
        raise UnsupportedError("the model lists one tensor twice among its outputs, must list it once")


def _claim(graph: Graph, sources: dict[int, str], index: int, source: str) -> None:
    if index in sources:
        raise ModelError(f'tensor "{graph.tensors[index].name}" is {sources[index]} and also {source}')
    sources[index] = source
