"""An in-order pipeline as a scoreboard: when each instruction of a path issues, with zero-wait memory.

The rules are the core's (`cores/*.toml`): this module knows issue cycles, latencies by operand role, pipelined and
folded instructions, pairing for two-issue cores and refill after taken branches; it knows no core by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from costmodel.classify import BRANCHES, Instruction, Placed, register_name
from costmodel.core import ROLES, Core, Timing
from costmodel.errors import UnknownInstruction

_UPDATE = tuple(1 for _ in ROLES)
_WIDE_RUN = 3
_ADDRESS = ROLES.index("address")


@dataclass(frozen=True, slots=True, eq=False)
class Op:
    """An instruction with its timing looked up; `latencies` has one figure per role of ROLES."""

    instruction: Instruction
    timing: Timing
    cost: int
    reads: tuple[tuple[int, int], ...]
    writes: tuple[int, ...]
    updates: tuple[int, ...]
    addresses: frozenset[int]
    written: frozenset[int]
    latencies: tuple[int, ...]
    early: tuple[int, ...] | None
    late_result: int
    starts: tuple[int, ...]
    obeys: tuple[int, ...]
    obeys_as_younger: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """An Op in its block: `extra` cycles that its place costs, whether its predicate is taken to fail."""

    op: Op
    extra: int
    skipped: bool
    upper_halfword: bool


@dataclass(frozen=True, slots=True)
class TimedBlock:
    """A basic block without its final branch, and that branch if it has one."""

    body: tuple[Step, ...]
    branch: Step | None
    wide_target: bool


class Scoreboard:
    """State of the pipeline between two instructions; times are cycles since the state was new."""

    __slots__ = ("blocked", "cycle", "folded", "free", "older", "previous", "ready")

    def __init__(self) -> None:
        self.free = 0
        self.cycle = -1
        self.older: Op | None = None
        self.previous: Op | None = None
        self.folded = False
        self.ready: dict[int, tuple[int, tuple[int, ...]]] = {}
        self.blocked: dict[int, int] = {}

    def copy(self) -> "Scoreboard":
        """An independent copy."""
        twin = Scoreboard()
        twin.free, twin.cycle, twin.older = self.free, self.cycle, self.older
        twin.previous, twin.folded = self.previous, self.folded
        twin.ready, twin.blocked = dict(self.ready), dict(self.blocked)
        return twin


class Pipeline:
    """Issues instructions of one core on a scoreboard."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self._rules = core.pipeline
        self._ops: dict[Instruction, Op] = {}
        self._pairs: dict[tuple[Op, Op], bool] = {}

    def time_block(self, placed: Sequence[Placed]) -> TimedBlock:
        """Look up the timings of a block. Raises UnknownInstruction when the core has none for a kind."""
        steps = [self._step(placed, i) for i in range(len(placed))]
        ends = bool(placed) and placed[-1].instruction.kind in BRANCHES
        first = placed[0]
        wide_target = first.instruction.wide and first.address % 4 == 2
        return TimedBlock(tuple(steps[:-1] if ends else steps), steps[-1] if ends else None, wide_target)

    def run(self, state: Scoreboard, steps: Sequence[Step]) -> None:
        """Issue straight-line code."""
        for step in steps:
            self.issue(state, step, False)

    def explain(self, state: Scoreboard, step: Step, taken: bool) -> tuple[int, str]:
        """Issue one instruction; the cycle it issues in, and why not earlier (empty: right after the one before)."""
        older, cycle, free = state.older, state.cycle, state.free
        earliest, cause = _last_operand(state, step.op)
        self.issue(state, step, taken)
        if step.skipped and self._rules.predicated_false is not None:
            return free, "condition fails"
        if state.cycle == cycle and older is not None:
            return cycle, "with the one before"
        if state.folded:
            return state.cycle, "folded"
        if earliest > free:
            return state.cycle, f"waits {earliest - free} for {cause}"
        busy = free - cycle - 1
        return state.cycle, f"the one before takes {busy + 1}" if busy > 0 and cycle >= 0 else ""

    def leave(self, state: Scoreboard, block: TimedBlock, taken: bool, target: TimedBlock | None) -> None:
        """Issue the block's final branch, if any, towards `target`."""
        if block.branch is not None:
            self.issue(state, block.branch, taken)
            if taken and target is not None and target.wide_target:
                state.free += self._rules.wide_target_penalty

    def issue(self, state: Scoreboard, step: Step, taken: bool) -> None:
        """Issue one instruction."""
        op = step.op
        if step.skipped and self._rules.predicated_false is not None:
            state.free += self._rules.predicated_false
            state.previous, state.older, state.folded = op, None, False
            return
        earliest = _operands_ready(state, op)
        folded = self._folds(state, step, taken)
        cost = 0 if folded else self._cost(state, op) + step.extra
        if state.older is not None and earliest <= state.cycle and self._pair(state, state.older, op):
            start = state.cycle
            state.older = None
        else:
            start = max(state.free, earliest)
            single = cost != 1 or op.timing.pairs == "single" or self._rules.issue_width == 1
            state.older = None if single else op
            state.cycle = start
        state.free = max(state.free, start + cost)
        self._finish(state, op, start, cost, earliest)
        state.previous, state.folded = op, folded
        if taken and op.timing.taken:
            state.free += op.timing.taken
            state.previous = state.older = None

    def _finish(self, state: Scoreboard, op: Op, start: int, cost: int, earliest: int) -> None:
        """Note when the results are ready and what the instruction blocks."""
        in_slot = op.timing.early_slot == "either" or state.older is op
        latencies = op.early if op.early is not None and earliest < start and in_slot else op.latencies
        issued = start + (cost - 1 if op.late_result and cost else 0)
        for register in op.writes:
            state.ready[register] = (issued, latencies)
        for register in op.updates:
            state.ready[register] = (start, _UPDATE)
        for rule in op.starts:
            state.blocked[rule] = start + 1 + self._rules.blocks[rule].cycles

    def _cost(self, state: Scoreboard, op: Op) -> int:
        previous, timing = state.previous, op.timing
        if timing.pipelined_issue is None or previous is None:
            return op.cost
        if previous.timing.kind not in timing.pipelines_after or previous.written & op.addresses:
            return op.cost
        return timing.pipelined_issue

    def _folds(self, state: Scoreboard, step: Step, taken: bool) -> bool:
        op = step.op
        condition = op.timing.taken_folds if taken else op.timing.folds
        if condition == "never" or state.previous is None or state.folded:
            return False
        after_narrow = not state.previous.instruction.wide and not op.instruction.wide
        if condition == "after_narrow_or_upper_halfword":
            return after_narrow or step.upper_halfword
        if condition == "after_narrow_keeping_flags":
            return after_narrow and not state.previous.instruction.sets_flags
        return after_narrow

    def _pair(self, state: Scoreboard, older: Op, younger: Op) -> bool:
        """Whether `younger` may share the cycle of `older`."""
        for rule in younger.obeys_as_younger:
            only = self._rules.blocks[rule].younger_of
            if state.blocked.get(rule, 0) > state.cycle and (not only or older.timing.tags & only):
                return False
        key = (older, younger)
        if key not in self._pairs:
            self._pairs[key] = self._may_pair(older, younger)
        return self._pairs[key]

    def _may_pair(self, older: Op, younger: Op) -> bool:
        if younger.timing.pairs != "either":
            return False
        if self._rules.pairs_narrow_only and (older.instruction.wide or younger.instruction.wide):
            return False
        for rule in self._rules.pairings:
            applies = older.timing.tags & rule.older and younger.timing.tags & rule.younger
            if applies and (not rule.same_bank or _same_bank(older, younger)):
                return False
        return True

    def _step(self, placed: Sequence[Placed], i: int) -> Step:
        here = placed[i]
        op = self._ops.get(here.instruction)
        if op is None:
            op = self._ops[here.instruction] = self._op(here.instruction)
        run = placed[i + 1 : i + 1 + _WIDE_RUN]
        slow = "multi_cycle" in op.timing.tags and len(run) == _WIDE_RUN and run[0].address % 4 == 2
        extra = self._rules.wide_run_penalty if slow and all(p.instruction.wide for p in run) else 0
        return Step(op, extra, here.predicate == "else", here.address % 4 == 2)

    def _op(self, instruction: Instruction) -> Op:
        timing = self.core.timings.get(instruction.kind)
        if timing is None:
            raise UnknownInstruction(
                f"instruction {instruction.text!r}: cores/{self.core.id}.toml has no timing of kind {instruction.kind}."
            )
        per_cycle = timing.registers_per_cycle
        latencies = tuple(timing.latency_to.get(role, timing.latency) for role in ROLES)
        saved = 0 if timing.early_latency is None else timing.latency - timing.early_latency
        early = tuple(max(0, latency - saved) for latency in latencies)
        blocks = list(enumerate(self._rules.blocks))
        obeyed = [(i, rule) for i, rule in blocks if timing.tags & rule.blocked]
        return Op(
            instruction=instruction,
            timing=timing,
            cost=timing.issue + (-(-instruction.registers // per_cycle) if per_cycle else 0),
            reads=_waited_for(instruction),
            writes=instruction.writes,
            updates=instruction.updates,
            addresses=frozenset(register for register, role in instruction.reads if role == _ADDRESS),
            written=frozenset(instruction.writes + instruction.updates),
            latencies=latencies,
            early=early if saved and instruction.mnemonic in (timing.early_names or {instruction.mnemonic}) else None,
            late_result=per_cycle,
            starts=tuple(i for i, rule in blocks if timing.tags & rule.after),
            obeys=tuple(i for i, rule in obeyed if not rule.younger_only),
            obeys_as_younger=tuple(i for i, rule in obeyed if rule.younger_only),
        )


def _waited_for(instruction: Instruction) -> tuple[tuple[int, int], ...]:
    """A branch does not wait for the flags: they decide where to go, which is priced by the refill."""
    if instruction.kind in BRANCHES:
        return tuple((r, role) for r, role in instruction.reads if role != ROLES.index("flags"))
    return instruction.reads


def _operands_ready(state: Scoreboard, op: Op) -> int:
    """First cycle in which nothing the instruction reads or obeys holds it back; -1: nothing ever did."""
    earliest = -1
    ready = state.ready
    for register, role in op.reads:
        if register in ready:
            issued, latencies = ready[register]
            earliest = max(earliest, issued + latencies[role])
    for rule in op.obeys:
        earliest = max(earliest, state.blocked.get(rule, 0))
    return earliest


def _last_operand(state: Scoreboard, op: Op) -> tuple[int, str]:
    """When the last operand is ready, and its name, or that of what blocks the instruction."""
    found = (_operands_ready(state, op), "a unit that an earlier one blocks")
    for register, role in op.reads:
        if register in state.ready:
            issued, latencies = state.ready[register]
            if issued + latencies[role] == found[0]:
                return found[0], register_name(register)
    return found


def _same_bank(older: Op, younger: Op) -> bool:
    """Whether two accesses go to words of one parity; unknown (another base, an index) counts as no."""
    one, two = older.instruction, younger.instruction
    if one.base != two.base or one.offset is None or two.offset is None or one.updates or one.base in one.writes:
        return False
    return (one.offset >> 2) % 2 == (two.offset >> 2) % 2
