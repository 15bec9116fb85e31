"""How fast a board's caches are simulated: natively alone, and as hooks of a running emulation."""

from __future__ import annotations

import ctypes
import tempfile
import time
from pathlib import Path
from typing import Any

import numba

from costmodel.board import load_board
from costmodel.core import load_core
from costmodel.emulate import Machine
from costmodel.memory import MemorySimulation, on_access
from generator.link import STACK_SIZE
from generator.toolchains import find_toolchain
from simref.pipelines.comparison import validate_emulated
from simref.pipelines.places import choose_places
from simref.pipelines.predict import INSTRUCTION_LIMIT, build_for_core, prepare

BOARDS = ("nucleo-l4r5zi", "nucleo-h7a3zi-q")
_ACCESSES = 5_000_000


def speed(model: Path) -> list[list[str]]:
    """Rows of name, measured, aim: accesses simulated per second."""
    return [row for board in BOARDS for row in (_alone(board), _emulated(board, model))]


def _alone(board: str) -> list[str]:
    """Words streamed through the data cache, called from native code as Unicorn does."""
    simulation = MemorySimulation(load_board(board))
    kinds = (ctypes.c_uint64, ctypes.c_int32, ctypes.c_uint64, ctypes.c_int32, ctypes.c_int64, ctypes.c_uint64)
    hook = ctypes.CFUNCTYPE(None, *kinds)(on_access.address or 0)

    def read_words(count: int, state: int) -> None:
        for i in range(count):
            hook(0, 16, 0x0800_0000 + ((4 * i) & 0xF_FFFF), 4, 0, state)

    stream: Any = numba.njit(read_words)
    stream(1, simulation.address)
    started = time.perf_counter()
    stream(_ACCESSES, simulation.address)
    rate = _ACCESSES / (time.perf_counter() - started)
    return [f"memories of {board}, accesses", f"{rate / 1e6:.0f} M/s", "20 M/s"]


def _emulated(board_id: str, model: Path) -> list[str]:
    """The same behind Unicorn's hooks, which cost more than the simulation."""
    board = load_board(board_id)
    core, prepared = load_core(board.core), prepare(model, samples=1)
    with tempfile.TemporaryDirectory() as name:
        elf = build_for_core(prepared.project, core, find_toolchain(), Path(name), choose_places(board, {}))
        machine = Machine(elf, core, stack_size=STACK_SIZE, instruction_limit=INSTRUCTION_LIMIT)
    simulation = MemorySimulation(board)
    machine.watch(simulation)
    started, before = time.perf_counter(), simulation.accesses
    validate_emulated(prepared.project, machine, prepared.inputs.arrays, prepared.expected(fused=True))
    rate = (simulation.accesses - before) / (time.perf_counter() - started)
    return [f"the same in an emulated {board.core}", f"{rate / 1e6:.0f} M/s", "-"]
