"""Drop what does not reach an output."""

from __future__ import annotations

import dataclasses

from simref.graph import Graph, Node


def remove_dead(graph: Graph) -> Graph:
    """Return the graph without nodes whose outputs nobody reads and without tensors that no node names.

    Promises: every output of the graph is computed as before, by the same nodes in the same order; inputs stay inputs
    even when unread, because the caller passes them. Tensors are renumbered.
    """
    needed = set(graph.outputs)
    alive: list[Node] = []
    for node in reversed(graph.nodes):
        if needed.intersection(node.outputs):
            alive.append(node)
            needed.update(index for index in node.inputs if index is not None)
    used = needed.union(graph.inputs, *(node.outputs for node in alive))
    number = {old: new for new, old in enumerate(sorted(used))}
    return Graph(
        graph.name,
        tuple(graph.tensors[old] for old in sorted(used)),
        tuple(_renumbered(node, number) for node in reversed(alive)),
        tuple(number[index] for index in graph.inputs),
        tuple(number[index] for index in graph.outputs),
        graph.notes,
    )


def _renumbered(node: Node, number: dict[int, int]) -> Node:
    return dataclasses.replace(
        node,
        inputs=tuple(None if index is None else number[index] for index in node.inputs),
        outputs=tuple(number[index] for index in node.outputs),
    )
