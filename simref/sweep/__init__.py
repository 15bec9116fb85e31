"""Layers of drawn shapes, for every kernel: what the fast path's costs are fitted to and checked with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simref.graph import Graph
from simref.inputs import InputData, random_inputs
from simref.sweep import _convolutions, _elements, _movement
from simref.sweep._sheet import Family, Sheet

__all__ = ["FAMILIES", "Family", "SweepGraph", "sweep_graphs", "sweep_inputs"]

FAMILIES = {**_convolutions.FAMILIES, **_elements.FAMILIES, **_movement.FAMILIES}
"""All families by name."""

_FITTED_SEED, _HELD_OUT_SEED = 1, 2
# Graphs mix families: where a kernel's code lies, which some cores' prices depend on, follows from its company.
_DRAWN_TOGETHER, _DRAWS_PER_GRAPH = 5, 8


@dataclass(frozen=True, eq=False)
class SweepGraph:
    """Layers side by side, and the family of each."""

    graph: Graph
    families: tuple[str, ...]


def sweep_graphs(*, held_out: bool) -> Iterator[SweepGraph]:
    """All layers that are fitted, or that are held out: the same ones at every call."""
    rng = np.random.default_rng(_HELD_OUT_SEED if held_out else _FITTED_SEED)
    draws = [
        (name, min(_DRAWN_TOGETHER, count - first))
        for name, family in FAMILIES.items()
        for count in [family.held_out if held_out else family.fitted]
        for first in range(0, count, _DRAWN_TOGETHER)
    ]
    order = rng.permutation(len(draws)).tolist()
    for first in range(0, len(order), _DRAWS_PER_GRAPH):
        sheet, names = Sheet(), []
        for name, count in (draws[k] for k in order[first : first + _DRAWS_PER_GRAPH]):
            for _ in range(count):
                FAMILIES[name].draw(sheet, rng)
            names += [name] * count
        yield SweepGraph(sheet.graph(), tuple(names))


def sweep_inputs(graph: Graph) -> InputData:
    """One sample of each input: uniform, but where -128 stands for zero as behind a ReLU, half of it zero."""
    rng = np.random.default_rng(0)
    data = random_inputs(graph, 1, seed=0)
    for index, values in data.arrays.items():
        tensor = graph.tensors[index]
        if tensor.dtype == np.int8 and tensor.zero_point == -128:
            spread = np.abs(rng.normal(0, 60, values.shape)) * rng.integers(0, 2, values.shape)
            data.arrays[index] = (np.minimum(spread, 255) - 128).astype(np.int8)
    return data
