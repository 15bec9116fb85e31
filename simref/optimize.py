"""From the network of a file to the network that is generated: lossless rewrites, compression, fused activations."""

from __future__ import annotations

from dataclasses import dataclass

from simref.check import check_graph
from simref.compress import Outcome, Plan, compress
from simref.graph import Graph
from simref.passes.fold_batch_norm import fold_batch_norm
from simref.passes.fuse_activation import fuse_activation
from simref.passes.fuse_padding import fuse_padding
from simref.passes.remove_constant_channels import Removal, remove_constant_channels
from simref.passes.remove_identity import remove_identity
from simref.passes.sink_views import sink_views


@dataclass(frozen=True, eq=False)
class Optimized:
    """A network ready to be generated.

    graph: what is generated. accounted: the same before activations were fused into the layers that they follow, a row
    of accounting for each layer. folded: layers that scaled and shifted channels and went into others. removals: where
    channels were removed. outcomes: what became of each weights tensor that compression was asked for.
    """

    graph: Graph
    accounted: Graph
    folded: int
    removals: tuple[Removal, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was changed, one line each."""
        lines = []
        if self.folded:
            layers = "layer" if self.folded == 1 else "layers"
            lines.append(
                f"lossless: {self.folded} normalizing {layers} folded into neighbours; float results round otherwise "
                "than in the file's order ('-c none' keeps it)"
            )
        if self.removals:
            before, after = (sum(removal.macc[k] for removal in self.removals) for k in (0, 1))
            lines.append(
                f"lossless: channels that no input changes or nobody reads removed at {len(self.removals)} layers, "
                f"{before - after:,} MACC less; the outputs are the same in every bit ('simref analyze' shows where)"
            )
        return (*lines, *(str(outcome) for outcome in self.outcomes))


def optimize(graph: Graph, plan: Plan) -> Optimized:
    """Rewrite and compress a checked graph as the plan says; its level "none" leaves every layer as the file has it.

    Raises UsageError or UnsupportedError as `compress` does.
    """
    folded = 0
    removals: tuple[Removal, ...] = ()
    accounted = graph
    if plan.level != "none":
        tidied = remove_identity(sink_views(graph))
        accounted = fold_batch_norm(tidied)
        folded = len(tidied.nodes) - len(accounted.nodes)
        accounted, removals = remove_constant_channels(fuse_padding(accounted))
    accounted, outcomes = compress(accounted, plan)
    generated = accounted if plan.level == "none" else fuse_padding(fuse_activation(accounted))
    check_graph(generated)
    return Optimized(generated, accounted, folded, removals, outcomes)
