"""Plans: no two live buffers overlap, chains reach the lower bound, in-place and views share storage."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import plan as planner
from generator.plan import ALIGNMENT, Plan, find_buffers, plan_memory
from simref.graph import Graph, Node, Tensor
from simref.ops import KernelCall

INT8 = np.dtype(np.int8)


@dataclass(frozen=True)
class Step:
    """A layer of a made-up graph: which earlier tensors it reads, its output size, scratch, and what it may share."""

    reads: tuple[int, ...]
    size: int
    scratch: int = 0
    view: bool = False
    in_place: tuple[int, ...] = ()


def make(steps: list[Step], input_size: int) -> tuple[Graph, list[tuple[KernelCall, ...]]]:
    tensors = [Tensor("t0", (input_size,), INT8)]
    nodes = []
    calls: list[tuple[KernelCall, ...]] = []
    for k, step in enumerate(steps):
        tensors.append(Tensor(f"t{k + 1}", (step.size,), INT8))
        nodes.append(Node("FAKE", f"n{k}", step.reads, (k + 1,), step.in_place))
        call = KernelCall(kernel="fake", params={}, operands=(0,), scratch=step.scratch)
        calls.append(() if step.view else (call,))
    return Graph("g", tuple(tensors), tuple(nodes), (0,), (len(steps),)), calls


@pytest.fixture(autouse=True)
def fake_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    form = SimpleNamespace(in_place=lambda layer: layer.attributes)
    record: Any = SimpleNamespace(form=lambda layer: form)
    monkeypatch.setattr(planner, "operator", lambda name: record)


def assert_sound(graph: Graph, calls: list[tuple[KernelCall, ...]], plan: Plan) -> None:
    buffers = find_buffers(graph, calls)
    placed = [(b, plan.offsets[b.tensors[0]] if b.tensors else plan.scratch[b.first]) for b in buffers]
    for k, (a, start) in enumerate(placed):
        assert start % ALIGNMENT == 0
        assert 0 <= start <= start + a.size <= plan.arena
        for b, other in placed[k + 1 :]:
            for layer in range(max(a.first, b.first), min(a.last, b.last) + 1):
                sizes_then = a.size_during(layer, layer), b.size_during(layer, layer)
                assert start + sizes_then[0] <= other or other + sizes_then[1] <= start, (layer, a, b)
    assert plan.arena >= plan.lower_bound


sizes = st.integers(1, 4000)


@settings(max_examples=60, deadline=None)
@given(sizes, st.lists(st.tuples(sizes, st.integers(0, 3000)), min_size=1, max_size=12))
def test_a_straight_chain_reaches_the_lower_bound(first: int, rest: list[tuple[int, int]]) -> None:
    graph, calls = make([Step((k,), size, scratch) for k, (size, scratch) in enumerate(rest)], first)
    plan = plan_memory(graph, calls)
    assert_sound(graph, calls, plan)
    assert plan.arena == plan.lower_bound


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_graph_gets_a_sound_plan(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    steps = []
    for k in range(count):
        reads = tuple(data.draw(st.lists(st.integers(0, k), min_size=1, max_size=3, unique=True)))
        in_place = data.draw(st.sampled_from([(), (0,)]))
        size = data.draw(sizes)
        steps.append(Step(reads, size, data.draw(st.integers(0, 500)), in_place=in_place))
    graph, calls = make(steps, data.draw(sizes))
    assert_sound(graph, calls, plan_memory(graph, calls))


def test_an_output_takes_the_place_of_a_dying_input() -> None:
    graph, calls = make([Step((0,), 96), Step((1,), 96, in_place=(0,)), Step((2,), 8)], 8)
    plan = plan_memory(graph, calls)
    assert plan.offsets[1] == plan.offsets[2]
    assert plan.arena == 104


def test_a_smaller_output_takes_the_place_of_a_dying_input_and_frees_the_rest() -> None:
    graph, calls = make([Step((0,), 4096), Step((1,), 1024, in_place=(0,)), Step((2,), 3000)], 8)
    plan = plan_memory(graph, calls)
    assert_sound(graph, calls, plan)
    assert plan.offsets[1] == plan.offsets[2]
    assert plan.arena == plan.lower_bound == 4096 + 8


def test_a_larger_output_does_not() -> None:
    graph, calls = make([Step((0,), 64), Step((1,), 128, in_place=(0,)), Step((2,), 8)], 8)
    assert plan_memory(graph, calls).arena == 64 + 128


def test_a_living_input_keeps_its_place() -> None:
    graph, calls = make([Step((0,), 96), Step((1,), 96, in_place=(0,)), Step((2, 1), 8)], 8)
    plan = plan_memory(graph, calls)
    assert plan.offsets[1] != plan.offsets[2]


def test_a_view_is_never_overwritten_while_its_source_lives() -> None:
    graph, calls = make([Step((0,), 64, view=True), Step((1,), 64, in_place=(0,)), Step((0, 2), 8)], 64)
    plan = plan_memory(graph, calls)
    assert plan.offsets[0] == plan.offsets[1] != plan.offsets[2]


def test_an_input_read_twice_is_not_overwritten() -> None:
    graph, calls = make([Step((0, 0), 64, in_place=(0, 1))], 64)
    plan = plan_memory(graph, calls)
    assert plan.offsets[0] != plan.offsets[1]


def test_the_peak_names_its_layer_and_buffers() -> None:
    graph, calls = make([Step((0,), 100), Step((1,), 3000, scratch=64), Step((2,), 10)], 40)
    plan = plan_memory(graph, calls)
    assert plan.peak_layer == 1
    assert [placed.buffer.size for placed in plan.peak] == [3000, 104, 64]
    assert plan.lower_bound == plan.arena == 3168
