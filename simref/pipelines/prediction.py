"""What a network costs on a core: the values that predictions consist of, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simref.graph import Graph
from simref.pipelines.comparison import Exactness

if TYPE_CHECKING:
    from generator.plan import Plan


@dataclass(frozen=True)
class LayerCost:
    """One layer's price. instructions and cycles are those of one inference; a view runs no code and costs 0."""

    index: int
    name: str
    op: str
    output_shape: tuple[int, ...]
    macc: int
    instructions: int
    cycles: int
    stall_cycles: int


@dataclass(frozen=True)
class Memory:
    """Bytes. weights: constant arrays; rodata: other read-only data; stack: high-water mark of the emulated run.

    weights_in_ram: of the weights, those that are copied to a memory that can be written.
    """

    arena: int
    weights: int
    code: int
    rodata: int
    data: int
    bss: int
    stack: int
    weights_in_ram: int = 0

    @property
    def flash(self) -> int:
        """Code, constants, and the initial values of data."""
        return self.code + self.rodata + self.weights + self.data

    @property
    def ram(self) -> int:
        """Arena, variables, stack, and weights where they were placed there."""
        return self.arena + self.data + self.bss + self.stack + self.weights_in_ram


@dataclass(frozen=True)
class ArenaPeak:
    """Why the arena is as large as it is: the busiest layer, what lives then, and the lower bound in bytes.

    buffers: per buffer the names of the tensors that share it (none: scratch) and its bytes, largest first.
    """

    layer_index: int
    buffers: tuple[tuple[tuple[str, ...], int], ...]
    lower_bound: int


@dataclass(frozen=True)
class ToolchainUsed:
    """The compiler whose code was counted."""

    name: str
    version: str
    flags: tuple[str, ...]


@dataclass(frozen=True)
class NetworkCost:
    """What one inference of a model costs on a core, however it was found.

    notes: conversions made, caveats of operators, and what the price assumes, one line each.
    """

    model_path: str
    model_sha256: str
    model_format: str
    core: str
    core_name: str
    board: str | None
    clock_hz: int
    toolchain: ToolchainUsed
    layers: tuple[LayerCost, ...]
    overhead_instructions: int
    overhead_cycles: int
    peak: ArenaPeak
    notes: tuple[str, ...]

    @property
    def macc(self) -> int:
        """Multiply-accumulates of all layers."""
        return sum(layer.macc for layer in self.layers)

    @property
    def instructions(self) -> int:
        """Instructions of one inference, the few before the first layer included."""
        return self.overhead_instructions + sum(layer.instructions for layer in self.layers)

    @property
    def cycles(self) -> int:
        """Cycles of one inference, the few before the first layer included."""
        return self.overhead_cycles + sum(layer.cycles for layer in self.layers)

    @property
    def latency_s(self) -> float:
        """Seconds of one inference."""
        return self.cycles / self.clock_hz


@dataclass(frozen=True)
class Prediction(NetworkCost):
    """Everything known about one model on one core. cycles and instructions count one inference, the first input's.

    cycles_band: what hardware takes in 9 of 10 cases; None where no measured hardware tells. energy_j: joules, least,
    usual and most; None where nobody has measured the board.
    """

    input_source: str
    exact: Exactness
    overhead_stall_cycles: int
    cycles_band: tuple[int, int] | None
    energy_j: tuple[float, float, float] | None
    memory: Memory

    @property
    def stall_cycles(self) -> int:
        """Of the cycles, those spent waiting for the board's memories; 0 without a board."""
        return self.overhead_stall_cycles + sum(layer.stall_cycles for layer in self.layers)


def arena_peak(graph: Graph, plan: Plan) -> ArenaPeak:
    """Why the plan's arena is as large as it is."""
    buffers = tuple(
        (tuple(graph.tensors[index].name for index in placed.buffer.tensors), placed.buffer.size)
        for placed in plan.peak
    )
    return ArenaPeak(plan.peak_layer, buffers, plan.lower_bound)
