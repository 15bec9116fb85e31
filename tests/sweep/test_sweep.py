"""The drawn layers: the same at every call, every kernel among them, none both fitted and held out."""

from __future__ import annotations

from collections import Counter

import numpy as np

from generator.work import KERNELS, work_of
from simref.graph import Graph
from simref.ops import operator
from simref.sweep import FAMILIES, sweep_graphs, sweep_inputs
from simref.sweep._sheet import Sheet


def graphs(*, held_out: bool) -> list[Graph]:
    return [sweep.graph for sweep in sweep_graphs(held_out=held_out)]


def test_every_kernel_is_fitted_and_held_out_and_so_is_almost_every_piece() -> None:
    seen = {}
    for held_out in (False, True):
        calls = [
            c for graph in graphs(held_out=held_out) for x in graph.layers for c in operator(x.op).form(x).kernels(x)
        ]
        assert {call.kernel for call in calls} == set(KERNELS)
        seen[held_out] = {piece for call in calls for piece in work_of(call)}
    assert seen[True] <= seen[False], "a piece that is tested must have been fitted"
    assert len(seen[True]) > 0.8 * len(seen[False])


def test_all_families_are_drawn_whole() -> None:
    for held_out in (False, True):
        drawn = Counter(name for sweep in sweep_graphs(held_out=held_out) for name in sweep.families)
        assert drawn == {k: f.held_out if held_out else f.fitted for k, f in FAMILIES.items()}


def test_layers_are_the_same_at_every_call_and_other_ones_held_out() -> None:
    def shapes(*, held_out: bool) -> list[tuple[str, ...]]:
        made = graphs(held_out=held_out)
        return [tuple(str(t.shape) for t in graph.tensors) for graph in made]

    assert shapes(held_out=True) == shapes(held_out=True)
    assert not set(shapes(held_out=True)) & set(shapes(held_out=False))


def test_inputs_behind_a_relu_are_half_zero() -> None:
    sheet, rng = Sheet(), np.random.default_rng(0)
    for _ in range(10):
        FAMILIES["max_pool_2d"].draw(sheet, rng)
    values = [array for array in sweep_inputs(sheet.graph()).arrays.values() if array.size > 500]
    assert values
    assert all(0.3 < (array == -128).mean() < 0.7 for array in values)
