"""Layers of drawn shapes, for every kernel: what the fast path's costs are fitted to and checked with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simref.graph import Graph
from simref.inputs import InputData, random_inputs
from simref.sweep import _convolutions, _elements, _movement
from simref.sweep._sheet import Family, Sheet

__all__ = ["FAMILIES", "Family", "sweep_graphs", "sweep_inputs"]

FAMILIES = {**_convolutions.FAMILIES, **_elements.FAMILIES, **_movement.FAMILIES}
"""All families by name."""

_FITTED_SEED, _HELD_OUT_SEED = 1, 2
_LAYERS_PER_GRAPH = 40


def sweep_graphs(family: Family, *, held_out: bool) -> Iterator[Graph]:
    """Graphs with the layers of one family, the same at every call."""
    rng = np.random.default_rng(_HELD_OUT_SEED if held_out else _FITTED_SEED)
    count = family.held_out if held_out else family.fitted
    for first in range(0, count, _LAYERS_PER_GRAPH):
        sheet = Sheet()
        for _ in range(min(_LAYERS_PER_GRAPH, count - first)):
            family.draw(sheet, rng)
        yield sheet.graph()


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
