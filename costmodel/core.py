"""A core as data: one file `cores/<id>.toml`, read into frozen dataclasses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from costmodel.errors import UnknownCore
from costmodel.table import Table, read_toml

CORES = Path(__file__).parent / "cores"
GROUPS = ("armv6m", "armv7m", "div", "dsp", "fpv4_sp", "fpv5_sp", "fp_dp", "armv8m_main")
ROLES = ("operand", "address", "store", "shifted", "multiplicand", "accumulator", "flags", "extended")
FOLDS = ("never", "after_narrow", "after_narrow_keeping_flags", "after_narrow_or_upper_halfword")
PAIRS = ("either", "older", "single")
EARLY_SLOTS = ("either", "older")
EVIDENCE = ("published table", "measured by others", "unvalidated")


@dataclass(frozen=True, slots=True)
class Timing:
    """What one kind of instruction costs; all figures in cycles with zero-wait memory.

    `issue` cycles pass before the next instruction may issue, plus one per `registers_per_cycle` registers
    of a list, plus `taken` when it branches. `folds` names the condition under which it takes none of its
    issue cycles, `taken_folds` the same for a taken branch. `pipelined_issue` replaces `issue` directly after
    a kind of `pipelines_after` that wrote no address register of this one. `latency` is the distance from
    issue to a consumer; `latency_to` overrides it by the role the register has in the consumer;
    `early_latency` holds when the operands were ready a cycle early, and takes as much off every role: for the
    mnemonics of `early_names` (none: for all), issued in the slot that `early_slot` names (`either`, `older`).
    """

    kind: str
    source: str
    issue: int = 1
    issue_range: tuple[int, int] | None = None
    registers_per_cycle: int = 0
    taken: int = 0
    latency: int = 1
    latency_to: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    early_latency: int | None = None
    early_names: frozenset[str] = frozenset()
    early_slot: str = "either"
    pipelined_issue: int | None = None
    pipelines_after: frozenset[str] = frozenset()
    folds: str = "never"
    taken_folds: str = "never"
    pairs: str = "either"
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two instructions, by tag, that may not share a cycle; `same_bank`: only on one word bank."""

    older: frozenset[str]
    younger: frozenset[str]
    same_bank: bool
    source: str


@dataclass(frozen=True, slots=True)
class Block:
    """For `cycles` cycles after one tagged `after`, none tagged `blocked` issues.

    `younger_only`: none issues as the younger of a pair; `younger_of`: of a pair whose older one is tagged so.
    """

    after: frozenset[str]
    blocked: frozenset[str]
    cycles: int
    younger_only: bool
    younger_of: frozenset[str]
    source: str


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Rules of the whole pipeline.

    `predicated_false`: cycles of an instruction whose condition fails; None: as if executed.
    `wide_target_penalty`: a branch to a 32-bit instruction at an address that is 2 modulo 4.
    `wide_run_penalty`: an instruction tagged `multi_cycle` before three 32-bit ones, the first 2 modulo 4.
    `pairs_narrow_only`: only 16-bit instructions share a cycle.
    """

    stages: int
    issue_width: int
    predicated_false: int | None
    mispredict: int
    branch_prediction: bool
    wide_target_penalty: int
    wide_run_penalty: int
    pairs_narrow_only: bool
    source: str
    pairings: tuple[Pairing, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Core:
    """One processor core: what compiles for it, what runs it, what its instructions cost.

    `evidence`, of EVIDENCE: what the best of its timing rests on.
    """

    id: str
    name: str
    evidence: str
    clock_hz: int
    isa: frozenset[str]
    unaligned_access: bool
    gcc_flags: tuple[str, ...]
    clang_target: str
    clang_cpu: str
    emulator_model: str
    pipeline: Pipeline
    timings: Mapping[str, Timing]
    sources: Mapping[str, str]
    unmodelled: tuple[str, ...]

    @property
    def has_dsp(self) -> bool:
        """Whether SMLAD, SXTB16 and the like exist."""
        return "dsp" in self.isa

    @property
    def has_div(self) -> bool:
        """Whether UDIV and SDIV exist."""
        return "div" in self.isa

    @property
    def has_fpu(self) -> str:
        """Precision of the floating-point unit: `none`, `sp` or `dp`."""
        return "dp" if "fp_dp" in self.isa else "sp" if "fpv4_sp" in self.isa else "none"

    @property
    def fuses_products(self) -> bool:
        """Whether sums of float32 products are fused: every FPU here has VFMA, and software has no fused form."""
        return self.has_fpu != "none"

    @property
    def caveats(self) -> tuple[str, ...]:
        """What must be told with every price on this core, one line each."""
        unmodelled = tuple(f"not modelled: {text}" for text in self.unmodelled)
        if self.evidence != "unvalidated":
            return unmodelled
        scalar = f"{self.name}: scalar code only, an unvalidated estimate from compilers' models of the core"
        return (scalar, *unmodelled)


def core_names() -> tuple[str, ...]:
    """Names that `load_core` knows, sorted."""
    return tuple(sorted(path.stem for path in CORES.glob("*.toml")))


@cache
def load_core(name: str) -> Core:
    """Read `cores/<name>.toml`. Raises UnknownCore, or BadTable naming the wrong key."""
    if name not in core_names():
        raise UnknownCore(f"core {name!r} is unknown, must be one of {', '.join(core_names())}.")
    return read_core(CORES / f"{name}.toml")


def read_core(path: Path) -> Core:
    """Read any core file. Raises BadTable naming file and key."""
    table = read_toml(path, f"cores/{path.name}")
    sources = table.table("sources")
    texts = {name: sources.get(name, str) for name in sources.names()}
    compiles = table.table("compile")
    isa = table.strings("isa")
    for group in isa:
        if group not in GROUPS:
            raise table.fail("isa", f"holds {group!r}, must hold only {', '.join(GROUPS)}")
    core = Core(
        id=table.get("id", str),
        name=table.get("name", str),
        evidence=table.choice("evidence", EVIDENCE),
        clock_hz=table.count("clock_hz", minimum=1),
        isa=frozenset(isa),
        unaligned_access=table.get("unaligned_access", bool),
        gcc_flags=compiles.strings("gcc_flags"),
        clang_target=compiles.get("clang_target", str),
        clang_cpu=compiles.get("clang_cpu", str),
        emulator_model=table.get("emulator_model", str),
        pipeline=_pipeline(table.table("pipeline"), texts),
        timings=MappingProxyType(_timings(table, texts)),
        sources=MappingProxyType(texts),
        unmodelled=table.strings("unmodelled", ()),
    )
    table.sourced("clock_source", texts)
    table.sourced("emulator_source", texts)
    if core.id != path.stem:
        raise table.fail("id", f"is {core.id!r}, must be the file's name {path.stem!r}")
    compiles.done()
    table.done()
    return core


def _pipeline(table: Table, sources: Mapping[str, str]) -> Pipeline:
    prediction = table.get("branch_prediction", bool, False)
    result = Pipeline(
        stages=table.count("stages", minimum=1),
        issue_width=table.count("issue_width", minimum=1),
        predicated_false=table.count("predicated_false") if "predicated_false" in table.names() else None,
        mispredict=table.count("mispredict", 0),
        branch_prediction=prediction,
        wide_target_penalty=table.count("wide_target_penalty", 0),
        wide_run_penalty=table.count("wide_run_penalty", 0),
        pairs_narrow_only=table.get("pairs_narrow_only", bool, False),
        source=table.sourced("source", sources),
        pairings=tuple(_pairing(row, sources) for row in table.tables("forbidden_pair")),
        blocks=tuple(_block(row, sources) for row in table.tables("blocked_after")),
    )
    table.done()
    return result


def _pairing(row: Table, sources: Mapping[str, str]) -> Pairing:
    older, younger = frozenset(row.strings("older")), frozenset(row.strings("younger"))
    result = Pairing(older, younger, row.get("same_bank", bool, False), row.sourced("source", sources))
    row.done()
    return result


def _block(row: Table, sources: Mapping[str, str]) -> Block:
    after, blocked = frozenset(row.strings("after")), frozenset(row.strings("blocked"))
    cycles, younger_only = row.count("cycles", minimum=1), row.get("younger_only", bool, False)
    younger_of = frozenset(row.strings("younger_of", ()))
    result = Block(after, blocked, cycles, younger_only or bool(younger_of), younger_of, row.sourced("source", sources))
    row.done()
    return result


def _timings(table: Table, sources: Mapping[str, str]) -> dict[str, Timing]:
    timings: dict[str, Timing] = {}
    for row in table.tables("timing"):
        for kind in row.strings("kinds"):
            if kind in timings:
                raise row.fail("kinds", f"holds {kind!r}, which an earlier timing holds too")
            timings[kind] = _timing(kind, row, sources)
        row.done()
    return timings


def _timing(kind: str, row: Table, sources: Mapping[str, str]) -> Timing:
    latency_to = row.numbers("latency_to")
    for role in latency_to:
        if role not in ROLES:
            raise row.fail(f"latency_to.{role}", f"is unknown, must be one of {', '.join(ROLES)}")
    keys = row.names()
    bounds = row.get("issue_range", list, []) if "issue_range" in keys else None
    if bounds is not None and (len(bounds) != 2 or not all(isinstance(b, int) for b in bounds)):
        raise row.fail("issue_range", f"is {bounds!r}, must be two integers")
    row.get("note", str, "")
    return Timing(
        kind=kind,
        source=row.sourced("source", sources),
        issue=row.count("issue", 1),
        issue_range=(bounds[0], bounds[1]) if bounds else None,
        registers_per_cycle=row.count("registers_per_cycle", 0),
        taken=row.count("taken", 0),
        latency=row.count("latency", 1),
        latency_to=MappingProxyType(latency_to),
        early_latency=row.count("early_latency") if "early_latency" in keys else None,
        early_names=frozenset(row.strings("early_names", ())),
        early_slot=row.choice("early_slot", EARLY_SLOTS, "either"),
        pipelined_issue=row.count("pipelined_issue") if "pipelined_issue" in keys else None,
        pipelines_after=frozenset(row.strings("pipelines_after", ())),
        folds=row.choice("folds", FOLDS, "never"),
        taken_folds=row.choice("taken_folds", FOLDS, "never"),
        pairs=row.choice("pairs", PAIRS, "either"),
        tags=frozenset(row.strings("tags", ())),
    )
