"""Profile + Core + Board -> cycles per segment: every counted edge and every memory event priced.

An edge is priced by simulating the two blocks it joins on the core's pipeline, an event by the board's parameters.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from costmodel.band import Band, band_of
from costmodel.board import Board
from costmodel.classify import Placed, place
from costmodel.core import Core
from costmodel.errors import CostModelError, UnwatchableAccess
from costmodel.fit import Fit
from costmodel.pipeline import Pipeline, Scoreboard
from costmodel.profile import OUTSIDE, Int64, Profile

Float64 = npt.NDArray[np.float64]
_CONTEXT = 8
_FLOATING = frozenset(
    f"fp_{name}{double}"
    for name in ("add", "multiply", "multiply_add", "fused_multiply_add", "divide", "square_root")
    for double in ("", "_f64")
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Instructions and cycles per segment of a profile, and what was assumed on the way.

    `cycles` include `stall_cycles`, those that the board's memories add. `kind` is `float` where floating-point
    arithmetic ran, else `int8`. `band`: total cycles that hardware takes in 9 of 10 cases; None: no hardware evidence.
    """

    core: str
    board: str | None
    clock_hz: int
    instructions: tuple[int, ...]
    cycles: tuple[int, ...]
    stall_cycles: tuple[int, ...]
    kind: str
    band: tuple[int, int] | None
    assumptions: tuple[str, ...]

    @property
    def total_instructions(self) -> int:
        """Over all segments."""
        return sum(self.instructions)

    @property
    def total_cycles(self) -> int:
        """Over all segments."""
        return sum(self.cycles)

    @property
    def seconds(self) -> float:
        """All cycles at `clock_hz`."""
        return self.total_cycles / self.clock_hz


def estimate(
    profile: Profile, core: Core, board: Board | None = None, fit: Fit | None = None, *, kind: str | None = None
) -> Estimate:
    """Price a profile, with the board's memories where it was counted on them, else with zero-wait memory.

    An edge from block A to block B costs what B adds to the pipeline after A, and A after its most frequent
    predecessor; so a loop's steady state is the block after itself. Mispredicted branches are those that do not
    go where their block mostly goes, per segment. `fit` replaces defaults of the board's parameters. `kind` is what the
    code is known to compute, None to tell `float` from `int8` by its instructions; measured errors hold for their kind.
    Raises IllegalInstruction, UnknownInstruction, and CostModelError when the board has another core.
    """
    if board is not None and board.core != core.id:
        raise CostModelError(f"board {board.id!r} has core {board.core}, not {core.id}; choose --core {board.core}.")
    placed = place(profile, core)
    if profile.events:
        _check_watchable(placed)
    pairs, pair_of = np.unique(profile.edges[:, 1:3], axis=0, return_inverse=True)
    costs = Paths(profile, Pipeline(core), placed).costs(pairs.tolist())
    cycles = np.zeros(profile.segments, np.int64)
    np.add.at(cycles, profile.edges[:, 0], costs[pair_of.reshape(-1)] * profile.edges[:, 3])
    if core.pipeline.branch_prediction:
        cycles += core.pipeline.mispredict * _mispredictions(profile)
    stalls = np.zeros(profile.segments) if board is None else stall_cycles(profile, board, fit)
    rounded = np.rint(stalls).astype(np.int64)
    kind = _kind(profile, placed) if kind is None else kind
    band = band_of(core.id, kind, fit)
    bounds = None if band is None else _bounds(int(cycles.sum()), profile, board, fit, band)
    return Estimate(
        core=core.id,
        board=board.id if board else None,
        clock_hz=board.clock_hz if board else core.clock_hz,
        instructions=tuple(profile.instructions(segment) for segment in range(profile.segments)),
        cycles=tuple((cycles + rounded).tolist()),
        stall_cycles=tuple(rounded.tolist()),
        kind=kind,
        band=bounds,
        assumptions=(
            _memory_assumption(profile, board, fit),
            *_assumptions(profile, core, placed),
            _band_assumption(core, kind, band),
        ),
    )


def _check_watchable(placed: Sequence[Sequence[Placed]]) -> None:
    """Raise UnwatchableAccess for floats that were loaded or stored under a condition while memories were watched.

    Unicorn 2.1.4 loses the flags and the state of the IT block when such an access meets a memory hook, so what ran
    behind it is not what the program says. Integers are not affected.
    """
    for block in placed:
        for here in block:
            if here.predicate and here.instruction.kind.startswith(("fp_load", "fp_store")):
                raise UnwatchableAccess(
                    f"0x{here.address:08x}: `{here.instruction.text}` under a condition cannot be emulated while the "
                    "memories of a board are watched. Leave --board out and name the --core."
                )


def parameter_counts(profile: Profile, board: Board) -> dict[str, Int64]:
    """How often each of the board's parameters applies, int64 [segments] by name; empty without counted events."""
    zero = np.zeros(profile.segments, np.int64)
    if not profile.events:
        return {}
    return {
        parameter.name: sum((profile.events[event] for event in parameter.events), zero)
        for parameter in board.parameters
    }


def stall_cycles(profile: Profile, board: Board, fit: Fit | None = None) -> Float64:
    """Cycles that the board's memories add, float64 [segments]."""
    fitted = {} if fit is None else fit.cycles
    stalls = np.zeros(profile.segments)
    counts = parameter_counts(profile, board)
    for parameter in board.parameters:
        if parameter.name in counts:
            stalls += fitted.get(parameter.name, parameter.cycles) * counts[parameter.name]
    return stalls


def _kind(profile: Profile, placed: list[tuple[Placed, ...]]) -> str:
    """`float` when at least a fiftieth of the instructions is floating-point arithmetic."""
    counts = profile.block_counts().tolist()
    floating = sum(
        count * sum(here.instruction.kind in _FLOATING for here in block)
        for block, count in zip(placed, counts, strict=True)
    )
    return "float" if 50 * floating > profile.total_instructions else "int8"


def _bounds(pipeline: int, profile: Profile, board: Board | None, fit: Fit | None, band: Band) -> tuple[int, int]:
    """The band around the cycles, wider by the range of every parameter that no fit has narrowed."""
    low = high = float(pipeline)
    fitted = {} if fit is None else fit.cycles
    for parameter in () if board is None else board.parameters:
        count = int(sum(int(profile.events[event].sum()) for event in parameter.events if event in profile.events))
        low += count * fitted.get(parameter.name, parameter.low)
        high += count * fitted.get(parameter.name, parameter.high)
    return int(low * band.low), int(high * band.high)


def _band_assumption(core: Core, kind: str, band: Band | None) -> str:
    if band is None:
        return f"no hardware evidence for {kind} code on {core.id}: no error band"
    return (
        f"error band of {kind} code on {core.id}: 9 of 10 cases, from {band.cases} measured ones left out of their fit"
    )


class Paths:
    """The blocks of a profile on one pipeline, and what passing from one to the next costs."""

    def __init__(self, profile: Profile, pipeline: Pipeline, placed: list[tuple[Placed, ...]]) -> None:
        self._pipeline = pipeline
        self.blocks = [pipeline.time_block(block) for block in placed]
        self._starts = profile.address.tolist()
        self._ends = (profile.address + profile.size).tolist()
        self._contexts = _contexts(profile)
        self._after: dict[int, Scoreboard] = {}

    def costs(self, pairs: list[list[int]]) -> Int64:
        """Cycles of one passage along each (source, target) pair, int64 [pairs]."""
        return np.array([self._cost(source, target) for source, target in pairs], np.int64)

    def _cost(self, source: int, target: int) -> int:
        before = Scoreboard() if source == OUTSIDE else self.state_after(source)
        state = before.copy()
        self._walk(state, source, target)
        return state.free - before.free

    def _walk(self, state: Scoreboard, source: int, target: int) -> None:
        """Leave `source` by its branch and go through the body of `target`."""
        if source != OUTSIDE:
            taken = target == OUTSIDE or self._starts[target] != self._ends[source]
            into = None if target == OUTSIDE else self.blocks[target]
            self._pipeline.leave(state, self.blocks[source], taken, into)
        if target != OUTSIDE:
            self._pipeline.run(state, self.blocks[target].body)

    def state_after(self, block: int) -> Scoreboard:
        """Pipeline after the body of `block`, entered from the end of its most frequent predecessor."""
        if block not in self._after:
            state, context = Scoreboard(), self._contexts[block]
            if context != OUTSIDE:
                self._pipeline.run(state, self.blocks[context].body[-_CONTEXT:])
            self._walk(state, context, block)
            self._after[block] = state
        return self._after[block]


def _contexts(profile: Profile) -> list[int]:
    """Most frequent predecessor of each block."""
    best = [OUTSIDE] * len(profile.address)
    rows = profile.edges[np.argsort(profile.edges[:, 3], kind="stable")]
    for source, target in rows[:, 1:3].tolist():
        if target != OUTSIDE:
            best[target] = source
    return best


def _mispredictions(profile: Profile) -> Int64:
    """Per segment, passages that leave a block other than its most frequent way, int64 [segments]."""
    edges = profile.edges[profile.edges[:, 1] != OUTSIDE]
    keys, group = np.unique(edges[:, :2], axis=0, return_inverse=True)
    group = group.reshape(-1)
    total, most = np.zeros(len(keys), np.int64), np.zeros(len(keys), np.int64)
    np.add.at(total, group, edges[:, 3])
    np.maximum.at(most, group, edges[:, 3])
    result = np.zeros(profile.segments, np.int64)
    np.add.at(result, keys[:, 0], total - most)
    return result


def _assumptions(profile: Profile, core: Core, placed: list[tuple[Placed, ...]]) -> tuple[str, ...]:
    lines: list[str] = []
    counts = profile.block_counts().tolist()
    ranged: dict[str, int] = {}
    for block, count in zip(placed, counts, strict=True):
        for here in block:
            timing = core.timings.get(here.instruction.kind)
            if timing is not None and timing.issue_range is not None:
                ranged[timing.kind] = ranged.get(timing.kind, 0) + count
    for kind, count in sorted(ranged.items()):
        timing = core.timings[kind]
        low, high = timing.issue_range or (timing.issue, timing.issue)
        lines.append(f"{kind}: {timing.issue} cycles each, truly {low} to {high} by operands; executed {count} times")
    if any(here.predicate for block in placed for here in block) and core.pipeline.predicated_false is not None:
        lines.append("IT blocks: the 'then' side is taken to execute, the 'else' side to be skipped")
    if core.pipeline.branch_prediction:
        lines.append(f"mispredicted: branches off their block's main way, {core.pipeline.mispredict} cycles each")
    return (*lines, *core.caveats)


def _memory_assumption(profile: Profile, board: Board | None, fit: Fit | None) -> str:
    if board is None:
        return "zero-wait memory"
    if not board.parameters:
        unknown = ", ".join(memory.name for memory in board.untimed)
        return f"zero-wait memory: wait states of {unknown} are not public" if unknown else "zero-wait memory, as it is"
    if not profile.events:
        return f"zero-wait memory: not counted on the memories of {board.id}"
    fitted = {} if fit is None else fit.cycles
    prices = ", ".join(f"{p.name} {fitted.get(p.name, p.cycles):.3g}" for p in board.parameters)
    origin = (
        "defaults of the board's file" if fit is None else f"fitted to {fit.cases} measurement{'s' * (fit.cases != 1)}"
    )
    return f"memory events of {board.id} in cycles ({origin}): {prices}"
