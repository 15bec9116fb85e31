"""Who writes and who reads each tensor of a graph: what rewrites of neighbouring layers ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from simref.graph import Graph, Node


class Links:
    """The writers and readers of a graph's tensors, by index."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    @cached_property
    def _writers(self) -> dict[int, int]:
        return writers(self._graph.nodes)

    @cached_property
    def _readers(self) -> dict[int, int]:
        return {index: k for k, node in enumerate(self._graph.nodes) for index in node.inputs if index is not None}

    @cached_property
    def _uses(self) -> Counter[int]:
        return uses(self._graph)

    def writer(self, index: int | None) -> int | None:
        """The position of the node that writes the tensor; None for inputs and constants."""
        return None if index is None else self._writers.get(index)

    def only_reader(self, index: int) -> int | None:
        """The position of the node that alone reads the tensor, once; None where there are more, or an output is it."""
        return self._readers.get(index) if self._uses[index] == 1 else None

    def is_private(self, index: int | None) -> bool:
        """Whether one node reads the tensor once and the graph does not give it out."""
        return index is not None and self.only_reader(index) is not None


def writers(nodes: Sequence[Node]) -> dict[int, int]:
    """The position of the node that writes each computed tensor."""
    return {index: position for position, node in enumerate(nodes) for index in node.outputs}


def uses(graph: Graph) -> Counter[int]:
    """How often each tensor is read by nodes or given out by the graph."""
    found = Counter(index for node in graph.nodes for index in node.inputs if index is not None)
    found.update(graph.outputs)
    return found
