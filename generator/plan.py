"""Where every activation lives: lifetimes, shared storage, scratch, and offsets in one arena.

A buffer is what needs bytes of its own: one tensor, several tensors that share storage (views, and outputs written
over a dying input), or the scratch of one layer. No plan can be smaller than the bytes alive at the busiest layer;
`Plan.lower_bound` is that number, and `Plan.arena` says how close the plan came.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from simref.graph import Graph, Layer
from simref.ops import KernelCall, operator

ALIGNMENT = 8  # bytes; the widest access a kernel makes, and the word of a double-word load
_RANDOM_ORDERS = 24


@dataclass(frozen=True, slots=True)
class Extent:
    """Bytes of one tensor, or of scratch, alive from layer `first` to layer `last`, both included."""

    size: int
    first: int
    last: int


@dataclass(frozen=True)
class Buffer:
    """Bytes that live from layer `first` to layer `last`, both included; fewer once the larger of its tensors are dead.

    tensors: indices of the tensors stored here, all from its offset on; empty for the scratch of layer `first`.
    """

    tensors: tuple[int, ...]
    extents: tuple[Extent, ...]

    @cached_property
    def size(self) -> int:
        """The most bytes at any time."""
        return max(extent.size for extent in self.extents)

    @cached_property
    def first(self) -> int:
        """The layer with which it starts to live."""
        return min(extent.first for extent in self.extents)

    @cached_property
    def last(self) -> int:
        """The last layer that needs it."""
        return max(extent.last for extent in self.extents)

    def size_during(self, first: int, last: int) -> int:
        """The most bytes from layer `first` to layer `last`, both included."""
        if len(self.extents) == 1:
            return self.extents[0].size
        return max((e.size for e in self.extents if e.first <= last and first <= e.last), default=0)

    @property
    def is_scratch(self) -> bool:
        """True for the working memory of one layer."""
        return not self.tensors

    def meets(self, other: Buffer) -> bool:
        """True when both are alive at some layer."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Placed:
    """A buffer and its offset in the arena, in bytes."""

    buffer: Buffer
    offset: int

    @property
    def end(self) -> int:
        """The offset behind the last byte."""
        return self.offset + self.buffer.size

    def forbidden(self, buffer: Buffer) -> tuple[int, int]:
        """Offsets between these two, both excluded, would put bytes of `buffer` over bytes of this one in use."""
        first, last = max(self.buffer.first, buffer.first), min(self.buffer.last, buffer.last)
        return self.offset - buffer.size_during(first, last), self.offset + self.buffer.size_during(first, last)


@dataclass(frozen=True, eq=False)
class Plan:
    """Offsets of all activations in the arena.

    arena: bytes; lower_bound: the most bytes alive at one layer, which no plan can undercut.
    peak_layer: index of that layer; peak: its live buffers, largest first.
    offsets: by tensor index; scratch: by layer index. heuristic: the name of the order that won.
    """

    arena: int
    lower_bound: int
    peak_layer: int
    peak: tuple[Placed, ...]
    offsets: dict[int, int]
    scratch: dict[int, int]
    heuristic: str


def plan_memory(graph: Graph, calls: Sequence[tuple[KernelCall, ...]]) -> Plan:
    """Place every activation of the graph.

    calls: per layer, the kernel calls its operator gave; none means that the output is a view of the first input.
    """
    buffers = find_buffers(graph, calls)
    live_bytes = _live_bytes(buffers, max(len(graph.nodes), 1))
    lower_bound = max(live_bytes)
    placed, heuristic = _best_placement(buffers, lower_bound)
    peak_layer = live_bytes.index(lower_bound)
    alive = [p for p in placed if p.buffer.first <= peak_layer <= p.buffer.last]
    return Plan(
        arena=max((p.end for p in placed), default=0),
        lower_bound=lower_bound,
        peak_layer=peak_layer,
        peak=tuple(sorted(alive, key=lambda p: -p.buffer.size)),
        offsets={index: p.offset for p in placed for index in p.buffer.tensors},
        scratch={p.buffer.first: p.offset for p in placed if p.buffer.is_scratch},
        heuristic=heuristic,
    )


def _live_bytes(buffers: Sequence[Buffer], layers: int) -> list[int]:
    """Bytes alive at each layer."""
    changes = [0] * (layers + 1)
    for buffer in buffers:
        # Between two of these bounds the buffer's size stays the same.
        bounds = sorted({bound for e in buffer.extents for bound in (e.first, e.last + 1)})
        for start, end in pairwise(bounds):
            size = buffer.size_during(start, end - 1)
            changes[start] += size
            changes[end] -= size
    return list(accumulate(changes))[:layers]


def find_buffers(graph: Graph, calls: Sequence[tuple[KernelCall, ...]]) -> list[Buffer]:
    """Group the graph's activations into buffers, and add each layer's scratch."""
    groups = {
        index: _Group((index,), (Extent(_aligned(graph.tensors[index].nbytes), first, last),))
        for index, (first, last) in _lifetimes(graph).items()
    }
    for layer in graph.layers:
        target = graph.nodes[layer.index].outputs[0]
        source = _shared_input(graph, layer, calls[layer.index], groups)
        if source is not None and target in groups:
            merged = groups[source].joined(groups[target])
            groups.update(dict.fromkeys(merged.tensors, merged))
    distinct = {id(group): group for group in groups.values()}.values()
    tensors = [Buffer(tuple(sorted(g.tensors)), g.extents) for g in distinct]
    return tensors + [
        Buffer((), (Extent(_aligned(scratch), index, index),))
        for index, layer_calls in enumerate(calls)
        if (scratch := max((call.scratch for call in layer_calls), default=0))
    ]


@dataclass(frozen=True)
class _Group:
    """Tensors that share storage, alive as long as any of them."""

    tensors: tuple[int, ...]
    extents: tuple[Extent, ...]

    @cached_property
    def last(self) -> int:
        return max(extent.last for extent in self.extents)

    def joined(self, other: _Group) -> _Group:
        return _Group(self.tensors + other.tensors, self.extents + other.extents)


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _lifetimes(graph: Graph) -> dict[int, tuple[int, int]]:
    """First and last layer of every activation: inputs live from the start, outputs to the end."""
    end = max(len(graph.nodes) - 1, 0)
    first = dict.fromkeys(graph.inputs, 0)
    last = dict.fromkeys(graph.inputs, 0)
    for position, node in enumerate(graph.nodes):
        for index in node.outputs:
            first[index] = last[index] = position
        for used in node.inputs:
            if used in last:
                last[used] = position
    for index in graph.outputs:
        if index in last:
            last[index] = end
    return {index: (first[index], last[index]) for index in first}


def _shared_input(graph: Graph, layer: Layer, calls: tuple[KernelCall, ...], groups: dict[int, _Group]) -> int | None:
    """The input whose storage the layer's output takes over, or None."""
    node = graph.nodes[layer.index]
    if not calls:
        return node.inputs[0]
    for position in operator(layer.op).form(layer).in_place(layer):
        index = node.inputs[position]
        if index not in groups or len(layer.outputs) != 1:
            continue
        group = groups[index]
        read_once = sum(groups.get(other) is group for other in node.inputs if other is not None) == 1
        if group.last == layer.index and layer.input(position).nbytes >= layer.output.nbytes and read_once:
            return index
    return None


Order = Callable[[Buffer], tuple[int, ...]]

_ORDERS: dict[str, Order] = {
    "largest first": lambda b: (-b.size, b.first),
    "longest-lived first": lambda b: (b.first - b.last, -b.size),
    "largest area first": lambda b: (-b.size * (b.last - b.first + 1), b.first),
    "in order of use": lambda b: (b.first, -b.size),
}


def _best_placement(buffers: Sequence[Buffer], lower_bound: int) -> tuple[list[Placed], str]:
    """The smallest of several placements; stops at the first that reaches the lower bound."""
    best: list[Placed] = []
    best_size, best_name = -1, ""
    for name, attempt in _attempts(buffers, lower_bound):
        size = max((p.end for p in attempt), default=0)
        if best_size < 0 or size < best_size:
            best, best_size, best_name = attempt, size, name
        if best_size == lower_bound:
            break
    return best, best_name


def _attempts(buffers: Sequence[Buffer], lower_bound: int) -> Iterable[tuple[str, list[Placed]]]:
    yield "alternating ends", _alternating_ends(buffers, lower_bound)
    for name, key in _ORDERS.items():
        yield name, _first_fit(sorted(buffers, key=key))
    shuffler = random.Random(0)
    by_size = sorted(buffers, key=_ORDERS["largest first"])
    for _ in range(_RANDOM_ORDERS):
        # Swap neighbours of the size order: near-greedy orders, which win far more often than uniform ones.
        order = sorted(by_size, key=lambda b: -b.size * shuffler.uniform(0.5, 1.5))
        yield "perturbed largest first", _first_fit(order)


def _first_fit(order: Sequence[Buffer]) -> list[Placed]:
    """Place each buffer at the lowest offset free during its whole life."""
    placed: list[Placed] = []
    for buffer in order:
        placed.append(Placed(buffer, _lowest_gap(buffer, placed)))
    return placed


def _lowest_gap(buffer: Buffer, placed: Sequence[Placed]) -> int:
    """The lowest offset at which the buffer overlaps no byte that is in use while it lives."""
    offset = 0
    for low, high in sorted(p.forbidden(buffer) for p in placed if p.buffer.meets(buffer)):
        if offset <= low:
            break
        offset = max(offset, high)
    return offset


def _alternating_ends(buffers: Sequence[Buffer], arena: int) -> list[Placed]:
    """Give the layers' outputs the bottom and the top of the arena by turns, scratch what is left between.

    In a straight chain only a layer's input, output and scratch are alive, so this reaches the lower bound. Where
    it does not fit (branches), the buffer goes to the lowest gap instead.
    """
    placed: list[Placed] = []
    alive: list[Placed] = []
    at_bottom = True
    for buffer in sorted(buffers, key=lambda b: (b.first, b.is_scratch)):
        alive = [p for p in alive if p.buffer.last >= buffer.first]
        offset = 0 if at_bottom else arena - buffer.size
        collides = any(low < offset < high for low, high in (p.forbidden(buffer) for p in alive))
        if buffer.is_scratch or collides:
            offset = _lowest_gap(buffer, alive)
        else:
            at_bottom = not at_bottom
        alive.append(Placed(buffer, offset))
        placed.append(alive[-1])
    return placed
