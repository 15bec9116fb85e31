"""Every layer against the rules of its operator, before any work is done."""

from __future__ import annotations

from simref.errors import UnsupportedError
from simref.graph import Graph
from simref.ops import check_layer


def check_graph(graph: Graph) -> None:
    """Return when each layer satisfies its operator's rules.

    Raises UnsupportedError with the first layer that does not, and the number of further ones.
    """
    refusals = []
    for layer in graph.layers:
        try:
            check_layer(layer)
        except UnsupportedError as error:
            refusals.append(str(error))
    if refusals:
        more = len(refusals) - 1
        further = f" ({more} more {'layer is' if more == 1 else 'layers are'} refused.)" if more else ""
        raise UnsupportedError(refusals[0] + further)
