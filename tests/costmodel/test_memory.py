import tempfile
from collections import OrderedDict
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.board import BOARDS, Board, load_board, read_board
from costmodel.core import load_core
from costmodel.cycles import estimate, parameter_counts
from costmodel.errors import UnwatchableAccess
from costmodel.fit import Fit
from costmodel.memory import MemorySimulation, on_access, on_fetch
from costmodel.profile import Profile, load_profile
from tests.costmodel.programs import assemble, machine

READ, WRITE = 16, 17  # unicorn's UC_MEM_READ, UC_MEM_WRITE

LOAD_FROM_CODE = """
    ldr r1, =table
1:  ldrb r2, [r1]
    adds r1, #1
    subs r0, #1
    bne 1b
    bx lr
    .ltorg
    .align 5
table: .space 256
"""


def counts(simulation: MemorySimulation) -> dict[str, int]:
    return {name: count for name, count in simulation.counts().items() if count}


def access(simulation: MemorySimulation, address: int, kind: int = READ) -> None:
    on_access.ctypes(None, kind, address, 1, 0, simulation.address)


def fetch(simulation: MemorySimulation, address: int, size: int) -> None:
    on_fetch.ctypes(None, address, size, simulation.address)


class LeastRecentlyUsed:
    """A cache as its definition reads; `dirty` lines are counted when they give way."""

    def __init__(self, sets: int, ways: int, line: int) -> None:
        self.sets: list[OrderedDict[int, bool]] = [OrderedDict() for _ in range(sets)]
        self.ways, self.line = ways, line
        self.misses = self.written_back = 0

    def touch(self, address: int, write: bool) -> None:
        line = address // self.line
        lines = self.sets[line % len(self.sets)]
        if line not in lines:
            self.misses += 1
            if len(lines) == self.ways:
                self.written_back += lines.popitem(last=False)[1]
            lines[line] = False
        lines[line] |= write
        lines.move_to_end(line)


@settings(max_examples=60, deadline=None)
@given(accesses=st.lists(st.tuples(st.integers(0, 70), st.booleans()), max_size=400))
def test_a_write_back_cache_counts_what_its_definition_counts(accesses: list[tuple[int, bool]]) -> None:
    board = small_m7()
    simulation, expected = MemorySimulation(board), LeastRecentlyUsed(sets=4, ways=4, line=32)
    for line, write in accesses:
        address = 0x2400_0000 + 32 * line + 5
        access(simulation, address, WRITE if write else READ)
        expected.touch(address, write)
    found = simulation.counts()
    assert found["sram.read_jump"] + found["sram.read_next"] + found["sram.write_fill"] == expected.misses
    assert found["sram.write_back"] == expected.written_back


@cache
def small_m7() -> Board:
    """An M7 board whose caches have few lines, replaced in a known order."""
    text = (BOARDS / "nucleo-h7a3zi-q.toml").read_text("utf-8")
    small = text.replace("size = 16384", "size = 512").replace('"random"', '"lru"')
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "board.toml"
        path.write_text(small, "utf-8")
        return read_board(path, "board.toml")


def test_data_streamed_through_sectors_misses_once_per_sector() -> None:
    simulation = MemorySimulation(load_board("nucleo-l4r5zi"))
    for address in range(0x0800_0000, 0x0800_0000 + 64):
        access(simulation, address)
    assert counts(simulation) == {"flash.read_jump": 1, "flash.read_next": 7}


def test_code_that_fits_the_cache_is_fetched_once_and_a_larger_loop_always() -> None:
    simulation = MemorySimulation(load_board("nucleo-l4r5zi"))
    for _ in range(3):
        fetch(simulation, 0x0800_0000, 1024)
    assert counts(simulation) == {"flash.fetch_jump": 1, "flash.fetch_next": 127}
    for _ in range(3):
        fetch(simulation, 0x0801_0000, 1024 + 32)
    assert counts(simulation) == {"flash.fetch_jump": 1 + 3, "flash.fetch_next": 127 + 3 * 131}


def test_a_unified_cache_serves_data_that_was_fetched() -> None:
    simulation = MemorySimulation(load_board("nucleo-u575zi-q"))
    fetch(simulation, 0x0800_0000, 16)
    access(simulation, 0x0800_0004)
    assert counts(simulation) == {"flash.fetch_jump": 1}


def test_without_a_cache_every_access_to_another_word_counts() -> None:
    simulation = MemorySimulation(load_board("stm32f469i-disco"))
    for address in (0xC000_0000, 0xC000_0000, 0xC000_0040):
        access(simulation, address)
        access(simulation, address, WRITE)
    assert counts(simulation) == {"sdram.read_jump": 3, "sdram.write": 3}


def test_random_replacement_keeps_some_lines_of_a_set_that_is_too_small() -> None:
    simulation = MemorySimulation(load_board("nucleo-h7a3zi-q"))
    for _ in range(100):
        for way in range(5):  # five lines of one set of four ways: with LRU each of the 500 would miss
            access(simulation, 0x0800_0000 + 4096 * way)
    assert 100 < simulation.counts()["flash.read_jump"] < 400


def test_memory_that_costs_nothing_is_not_watched() -> None:
    assert MemorySimulation(load_board("ek-ra6m4")).is_idle
    simulation = MemorySimulation(load_board("nucleo-l4r5zi"))
    access(simulation, 0x2000_0000)
    assert counts(simulation) == {}


def run(core: str, board: str, count: int = 200) -> Profile:
    found = machine(assemble(LOAD_FROM_CODE, core), core)
    found.watch(MemorySimulation(load_board(board)))
    return found.call("main", [count])


def test_watching_changes_no_count_and_events_survive_a_file(tmp_path: Path) -> None:
    plain = machine(assemble(LOAD_FROM_CODE, "cm4"), "cm4").call("main", [200])
    watched = run("cm4", "nucleo-l4r5zi")
    assert not plain.events
    assert np.array_equal(plain.edges, watched.edges)
    watched.save(tmp_path / "profile.npz")
    loaded = load_profile(tmp_path / "profile.npz")
    assert {name: n.tolist() for name, n in loaded.events.items()} == {n: c.tolist() for n, c in watched.events.items()}


def test_segments_have_their_own_events() -> None:
    body = "    nop\n    b 2f\n    .align 2\n2:  nop\n    bx lr"
    found = machine(assemble(body, "cm4"), "cm4")
    found.watch(MemorySimulation(load_board("nucleo-l4r5zi")))
    cold = found.call("main", [], [found.symbol("main") + 4])
    warm = found.call("main", [], [found.symbol("main") + 4])
    assert cold.segments == warm.segments == 2
    assert sum(n.sum() for n in cold.events.values()) >= sum(n.sum() for n in warm.events.values()) == 0


def test_cycles_are_the_pipelines_plus_events_times_parameters() -> None:
    profile, core, board = run("cm4", "nucleo-l4r5zi"), load_core("cm4"), load_board("nucleo-l4r5zi")
    free, priced = estimate(profile, core), estimate(profile, core, board)
    applied = parameter_counts(profile, board)
    stalls = sum(p.cycles * int(applied[p.name].sum()) for p in board.parameters)
    assert priced.total_cycles - free.total_cycles == sum(priced.stall_cycles) == pytest.approx(stalls, abs=1)
    assert stalls > 25 * 4
    fit = Fit(board.id, "cm4", {"fetch_miss": 0.0, "prefetched_miss": 0.0, "read_miss": 3.0}, (), "test", "2026-01-01")
    refitted = estimate(profile, core, board, fit)
    assert sum(refitted.stall_cycles) == pytest.approx(3 * int(applied["read_miss"].sum()), abs=1)
    assert "read_miss 3" in refitted.assumptions[0]


# Loads and stores of floats under a condition, and of integers, over the five words of `data`.
CONDITIONAL = """
ldr r0, =data
add r2, r0, #20
vmov.f32 s0, #1.0
vmov.f32 s1, #2.0
loop: ldr r1, [r0]
vldr s2, [r0]
vcmp.f32 s0, s2
vmrs APSR_nzcv, fpscr
it gt
{access}
adds r0, #4
cmp r0, r2
bne loop
bx lr
.data
data: .word 0, 0x40400000, 0, 0x40400000, 0
.text
"""


@pytest.mark.parametrize("access", ["vstrgt s1, [r0]", "vldrgt s1, [r0]"])
def test_floats_under_a_condition_are_refused_while_memories_are_watched(access: str) -> None:
    board = load_board("nucleo-h7a3zi-q")
    core = load_core(board.core)
    runner = machine(assemble(CONDITIONAL.format(access=access), core.id), core.id, limit=10_000)
    assert estimate(runner.call("main"), core).total_cycles > 0
    watched = machine(assemble(CONDITIONAL.format(access=access), core.id), core.id, limit=10_000)
    watched.watch(MemorySimulation(board))
    with pytest.raises(UnwatchableAccess, match="under a condition cannot be emulated"):
        estimate(watched.call("main"), core, board)


def test_integers_under_a_condition_are_stored_as_without_watching() -> None:
    board = load_board("nucleo-h7a3zi-q")
    images = []
    for watching in (False, True):
        runner = machine(assemble(CONDITIONAL.format(access="strgt r2, [r0]"), board.core), board.core, limit=10_000)
        if watching:
            runner.watch(MemorySimulation(board))
        runner.call("main")
        images.append(runner.read(runner.symbol("data"), 20))
    assert images[0] == images[1]
