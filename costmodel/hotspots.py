"""Where the cycles of a profile go: blocks, functions, and each instruction of a block on the pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costmodel.classify import BRANCHES, DECODED_AT, Placed, place
from costmodel.core import Core
from costmodel.cycles import Paths
from costmodel.pipeline import Pipeline, Scoreboard
from costmodel.profile import OUTSIDE, Int64, Profile
from costmodel.program import Functions

_CALLS = ("call", "call_indirect")
_TO_LABELS = ("call", "branch", "branch_conditional", "compare_branch")


@dataclass(frozen=True, slots=True)
class HotFunction:
    """One function: instructions and pipeline cycles that its own blocks took, callees apart."""

    name: str
    address: int
    instructions: int
    cycles: int


@dataclass(frozen=True, slots=True)
class Line:
    """One instruction of a block: the cycle it issues in, counted from the block's start, and what held it back."""

    address: int
    text: str
    issue: int
    reason: str


@dataclass(frozen=True, slots=True)
class HotBlock:
    """One basic block; `cycles`: pipeline cycles of all its `count` passages."""

    address: int
    count: int
    instructions: int
    cycles: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Hotspots:
    """The hottest functions and blocks first."""

    functions: tuple[HotFunction, ...]
    blocks: tuple[HotBlock, ...]


def hotspots(profile: Profile, core: Core, top: int = 10) -> Hotspots:
    """The `top` functions and blocks by pipeline cycles, memory stalls and mispredictions apart.

    Raises IllegalInstruction and UnknownInstruction.
    """
    placed = place(profile, core)
    pipeline = Pipeline(core)
    paths = Paths(profile, pipeline, placed)
    cycles = _block_cycles(profile, paths)
    hottest = np.argsort(-cycles, kind="stable")[:top].tolist()
    counts = profile.block_counts()
    blocks = tuple(
        HotBlock(
            address=int(profile.address[block]),
            count=int(counts[block]),
            instructions=int(counts[block] * profile.block_instructions[block]),
            cycles=int(cycles[block]),
            lines=_lines(profile, pipeline, paths, placed[block], block),
        )
        for block in hottest
    )
    return Hotspots(_functions(profile, placed, cycles, counts)[:top], blocks)


def _block_cycles(profile: Profile, paths: Paths) -> Int64:
    """Pipeline cycles of each block, int64 [blocks]; leaving for outside counts for the block that is left."""
    pairs, pair_of = np.unique(profile.edges[:, 1:3], axis=0, return_inverse=True)
    spent = paths.costs(pairs.tolist())[pair_of.reshape(-1)] * profile.edges[:, 3]
    target = np.where(profile.edges[:, 2] == OUTSIDE, profile.edges[:, 1], profile.edges[:, 2])
    cycles = np.zeros(len(profile.address), np.int64)
    np.add.at(cycles, target, spent)
    return cycles


def _functions(
    profile: Profile, placed: Sequence[tuple[Placed, ...]], cycles: Int64, counts: Int64
) -> tuple[HotFunction, ...]:
    functions = profile.functions if profile.functions.addresses else _called(profile, placed)
    sums: dict[str, list[int]] = {}
    for block, address in enumerate(profile.address.tolist()):
        name = functions.at(address).split("+")[0]
        row = sums.setdefault(name, [address, 0, 0])
        row[0] = min(row[0], address)
        row[1] += int(counts[block] * profile.block_instructions[block])
        row[2] += int(cycles[block])
    found = [HotFunction(name, *row) for name, row in sums.items()]
    return tuple(sorted(found, key=lambda function: -function.cycles))


def _called(profile: Profile, placed: Sequence[tuple[Placed, ...]]) -> Functions:
    """Functions of an image without symbols: wherever a call went, and where the run began."""
    starts = set()
    for source, target in profile.edges[:, 1:3].tolist():
        if target != OUTSIDE and (source == OUTSIDE or placed[source][-1].instruction.kind in _CALLS):
            starts.add(int(profile.address[target]))
    addresses = tuple(sorted(starts))
    return Functions(addresses, tuple(f"0x{address:08x}" for address in addresses))


def _lines(
    profile: Profile, pipeline: Pipeline, paths: Paths, placed: tuple[Placed, ...], block: int
) -> tuple[Line, ...]:
    """The block's instructions after its most frequent predecessor, its last branch as it mostly goes."""
    incoming = profile.edges[profile.edges[:, 2] == block]
    source = int(incoming[np.argmax(incoming[:, 3]), 1])
    state = Scoreboard() if source == OUTSIDE else paths.state_after(source).copy()
    if source != OUTSIDE:
        taken = int(profile.address[source] + profile.size[source]) != int(profile.address[block])
        pipeline.leave(state, paths.blocks[source], taken, paths.blocks[block])
    timed, start = paths.blocks[block], state.free
    steps = [*timed.body, *([timed.branch] if timed.branch is not None else [])]
    lines = []
    for step, here in zip(steps, placed, strict=True):
        taken = here.instruction.kind in BRANCHES and _mostly_taken(profile, block)
        issue, reason = pipeline.explain(state, step, taken)
        lines.append(Line(here.address, _text(here), issue - start, reason))
    return tuple(lines)


def _text(here: Placed) -> str:
    """Assembler text with the target of a branch where the instruction stands."""
    instruction = here.instruction
    head, mark, target = instruction.text.rpartition("#")
    if not mark or instruction.kind not in _TO_LABELS:
        return instruction.text
    return f"{head}0x{here.address + int(target, 0) - DECODED_AT:08x}"


def _mostly_taken(profile: Profile, block: int) -> bool:
    outgoing = profile.edges[profile.edges[:, 1] == block]
    target = int(outgoing[np.argmax(outgoing[:, 3]), 2])
    return target == OUTSIDE or int(profile.address[target]) != int(profile.address[block] + profile.size[block])
