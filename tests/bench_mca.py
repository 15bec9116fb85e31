"""The hottest loops of a predicted network, priced by this model and by LLVM's: a peer, side by side.

`llvm-mca` simulates the same instructions with the scheduling model that LLVM's own compiler uses. It knows neither
the refill after a taken branch nor memory, and has no model of its own for most cores; those are left out.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import capstone
import numpy as np

from costmodel.classify import BRANCHES, Placed, place
from costmodel.core import Core, load_core
from costmodel.emulate import Machine
from costmodel.pipeline import Pipeline, Scoreboard
from costmodel.profile import Profile
from generator.link import STACK_SIZE
from generator.toolchains import find_toolchain
from simref.pipelines.comparison import ARENA, ENTRY
from simref.pipelines.predict import INSTRUCTION_LIMIT, Model, build_for_core, prepare

HEADER = ["core", "loop", "share of instructions", "instructions", "cycles, ours", "cycles, llvm-mca", "ratio"]
_TRIPLES = {"cm4": "thumbv7em-none-eabihf", "cm7": "thumbv7em-none-eabihf"}
_LOOPS = 5
_ITERATIONS = 100


@dataclass(frozen=True)
class Loop:
    """A basic block that follows itself: its code, and how many of the run's instructions it executes."""

    place: str
    share: float
    instructions: tuple[Placed, ...]
    code: bytes


def compare(model: Path) -> list[list[object]]:
    """Rows under HEADER; none when llvm-mca is not installed."""
    if shutil.which("llvm-mca") is None:
        return []
    prepared = prepare(model, samples=1)
    rows: list[list[object]] = []
    for name, triple in _TRIPLES.items():
        core = load_core(name)
        for loop in hottest_loops(_profile(prepared, core), core):
            ours, theirs = cycles_per_iteration(loop, core), mca_cycles(loop, core, triple)
            count = len(loop.instructions)
            rows.append([name, loop.place, f"{loop.share:.0%}", count, ours, theirs, f"{ours / theirs:.2f}"])
    return rows


def _profile(model: Model, core: Core) -> Profile:
    with tempfile.TemporaryDirectory() as name:
        elf = build_for_core(model.project, core, find_toolchain(), Path(name))
        machine = Machine(elf, core, stack_size=STACK_SIZE, instruction_limit=INSTRUCTION_LIMIT)
    for index, array in model.inputs.arrays.items():
        machine.write(machine.symbol(ARENA) + model.project.plan.offsets[index], array[0].tobytes())
    return machine.call(ENTRY)


def hottest_loops(profile: Profile, core: Core) -> list[Loop]:
    """Blocks that follow themselves, by the instructions they execute so."""
    own = profile.edges[profile.edges[:, 1] == profile.edges[:, 2]]
    executed = np.zeros(len(profile.address), np.int64)
    np.add.at(executed, own[:, 1], own[:, 3] * profile.block_instructions[own[:, 1]])
    placed, total = place(profile, core), profile.total_instructions
    return [
        Loop(
            place=profile.functions.at(int(profile.address[i])),
            share=int(executed[i]) / total,
            instructions=placed[i],
            code=profile.code[i],
        )
        for i in np.argsort(-executed)[:_LOOPS].tolist()
        if executed[i]
    ]


def cycles_per_iteration(loop: Loop, core: Core) -> float:
    """Steady state of the block after itself on the core's pipeline."""
    pipeline, state = Pipeline(core), Scoreboard()
    block = pipeline.time_block(loop.instructions)
    ends = []
    for _ in range(2 * _ITERATIONS):
        pipeline.run(state, block.body)
        pipeline.leave(state, block, True, block)
        ends.append(state.free)
    return (ends[-1] - ends[_ITERATIONS - 1]) / _ITERATIONS


def mca_cycles(loop: Loop, core: Core, triple: str) -> float:
    """llvm-mca's cycles per iteration of the same instructions."""
    command = ["llvm-mca", f"-mtriple={triple}", f"-mcpu={core.name.lower()}", f"-iterations={_ITERATIONS}"]
    command += ["-instruction-info=0", "-resource-pressure=0"]
    done = subprocess.run(command, input=assembly(loop), capture_output=True, text=True, check=False)
    found = re.search(r"Total Cycles:\s+(\d+)", done.stdout)
    assert found is not None, done.stderr
    return int(found[1]) / _ITERATIONS


def assembly(loop: Loop) -> str:
    """The loop as text for LLVM's assembler, its branch back to a label."""
    reader = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
    lines = [".syntax unified", ".thumb", "start:"]
    for _, _, mnemonic, operands in reader.disasm_lite(loop.code, loop.instructions[0].address):
        lines.append(f"{mnemonic} {operands}")
    if loop.instructions[-1].instruction.kind in BRANCHES:
        lines[-1] = re.sub(r"#0x[0-9a-f]+$", "start", lines[-1])
    return "\n".join(lines) + "\n"
