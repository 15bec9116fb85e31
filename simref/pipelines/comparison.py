"""Run the generated C on the emulated core and hold every layer's output against the reference, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from generator.emit import Project
from simref.graph import Array
from simref.metrics import mismatches

if TYPE_CHECKING:
    from costmodel.emulate import Machine
    from costmodel.profile import Profile

ENTRY = "simref_harness_run"
ARENA = "simref_harness_arena"


@dataclass(frozen=True)
class Difference:
    """One tensor that differs: in how many of its elements, and where first."""

    layer: str
    tensor: str
    mismatches: int
    sample: int
    position: tuple[int, ...]
    expected: float
    found: float

    def __str__(self) -> str:
        where = ", ".join(map(str, self.position))
        return (
            f"{self.layer}: {self.mismatches} elements differ, first [{where}] of input {self.sample}: "
            f"expected {self.expected:g}, found {self.found:g}"
        )


@dataclass(frozen=True)
class Exactness:
    """How much was compared, and how much of it differed."""

    inputs: int
    tensors: int
    elements: int
    mismatches: int
    differences: tuple[Difference, ...] = field(default=())


class Comparison:
    """Collects, tensor by tensor, what a run computed against what it should have."""

    def __init__(self, project: Project, expected: Mapping[int, Array]) -> None:
        self._graph = project.graph
        self._expected = expected
        self._elements = 0
        self._tensors: set[int] = set()
        self._samples: set[int] = set()
        self._differences: list[Difference] = []

    def add(self, layer_index: int, tensor_index: int, sample: int, found: Array) -> None:
        """Compare one computed tensor, of its tensor's shape, with the reference of that sample."""
        expected = self._expected[tensor_index][sample]
        self._elements += expected.size
        self._tensors.add(tensor_index)
        self._samples.add(sample)
        unequal = mismatches(found, expected)
        if unequal.any():
            position = tuple(int(i) for i in np.argwhere(unequal)[0])
            layer, tensor = self._graph.layers[layer_index], self._graph.tensors[tensor_index]
            count, want, got = int(unequal.sum()), float(expected[position]), float(found[position])
            self._differences.append(Difference(str(layer), tensor.name, count, sample, position, want, got))

    def result(self) -> Exactness:
        """What was compared so far."""
        differences = sorted(self._differences, key=lambda difference: difference.sample)
        return Exactness(
            inputs=len(self._samples),
            tensors=len(self._tensors),
            elements=self._elements,
            mismatches=sum(d.mismatches for d in differences),
            differences=tuple(differences),
        )


def validate_emulated(
    project: Project, machine: Machine, inputs: Mapping[int, Array], expected: Mapping[int, Array]
) -> tuple[Profile, Exactness]:
    """Run every sample on the emulated core; return the first sample's profile and the comparison of all.

    The first sample runs last: it finds the caches warm, as in any inference but the first after reset.
    inputs, expected: by tensor index, each with a leading sample axis. Segment 0 of the profile is what runs before
    the first layer; segment k + 1 belongs to the k-th layer that has code (`Project.entry_points`).
    Raises the emulator's error, which names the layer, when the code faults.
    """
    comparison = Comparison(project, expected)
    samples = len(next(iter(inputs.values())))
    if samples == 1 and machine.watches_memory:
        _run_sample(project, machine, inputs, Comparison(project, expected), 0)
    for sample in (*range(1, samples), 0):
        profile = _run_sample(project, machine, inputs, comparison, sample)
    return profile, comparison.result()


def _run_sample(
    project: Project, machine: Machine, inputs: Mapping[int, Array], comparison: Comparison, sample: int
) -> Profile:
    graph, arena = project.graph, machine.symbol(ARENA)
    for index, array in inputs.items():
        machine.write(arena + project.plan.offsets[index], np.ascontiguousarray(array[sample]).tobytes())
    coded = [(k, entry) for k, entry in enumerate(project.entry_points) if entry is not None]

    def compare_layers(first: int, end: int) -> None:
        for layer_index in range(first, end):
            for index in graph.nodes[layer_index].outputs:
                tensor = graph.tensors[index]
                data = machine.read(arena + project.plan.offsets[index], tensor.nbytes)
                found = np.frombuffer(data, tensor.dtype).reshape(tensor.shape)
                comparison.add(layer_index, index, sample, found)

    # When mark k is reached, the layer with code before it, and the views behind that layer, are done.
    starts = [k for k, _ in coded]
    profile = machine.call(
        ENTRY,
        marks=[machine.symbol(entry) for _, entry in coded],
        on_mark=lambda k: compare_layers(starts[k - 1] if k else 0, starts[k]),
        labels=["before the first layer", *(str(graph.layers[k]) for k in starts)],
    )
    compare_layers(starts[-1] if starts else 0, len(graph.nodes))
    return profile
