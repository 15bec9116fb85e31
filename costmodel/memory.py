"""The memories of a board, simulated natively while a program runs: what was fetched, read and written past the caches.

Unicorn calls the two hooks at every basic block and at every data access. Everything lies in one uint64 array whose
address is their user data: a header, one row per timed memory, then the caches. A row or cache is named by its
offset. Only memories that cost something are simulated; a board without any needs no hook. The counts are events
(`costmodel.board.events_of`), priced later by the board's parameters: a price can change without a new run.
"""

import ctypes
from collections.abc import Mapping
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import cfunc, njit, types
from numba.extending import intrinsic
from unicorn import unicorn_const
from unicorn.unicorn_py3.unicorn import uclib

from costmodel import blockhook
from costmodel.board import Board, Cache, Memory, events_of
from costmodel.errors import EmulationFault

WATCHED, ROWS, CLOCK, ACCESSES, SIZE = range(5)
HEADER = 8
BASE, END, CODE_CACHE, DATA_CACHE, LAST_FETCH, LAST_READ, WRITES, COUNTS = range(8)
ROW = 16
LINE_SHIFT, SECTOR_SHIFT, SET_MASK, WAYS, RANDOM, RECENT, LINES = range(7)
CACHE = 8
TAG, STAMP, VALID, DIRTY = range(4)
LINE = 4
FETCH_JUMP, FETCH_NEXT, READ_JUMP, READ_NEXT, WRITE, WRITE_FILL, WRITE_BACK = range(7)
_NAMES = ("fetch_jump", "fetch_next", "read_jump", "read_next", "write", "write_fill", "write_back")
IGNORED, COUNTED, ALLOCATED = range(3)
_NEVER = 0xFFFF_FFFF_0000_0000
_carray: Any = numba.carray  # type: ignore[attr-defined]


class MemorySimulation:
    """The state of a board's buffers and caches, cold at first, and the counts of what passed them."""

    def __init__(self, board: Board) -> None:
        timed = [memory for memory in board.memories if board.is_timed(memory)]
        parts: list[npt.NDArray[np.uint64]] = [np.zeros(HEADER + ROW * len(timed), np.uint64)]
        placed: dict[str, int] = {}
        for i, memory in enumerate(timed):
            row = HEADER + ROW * i
            caches = [_place_cache(board, memory, holds, parts, placed) for holds in ("code", "data")]
            writes = _write_policy(board, memory)
            values = [memory.base, memory.base + board.room(memory), *caches, _NEVER, _NEVER, writes]
            parts[0][row : row + len(values)] = values
        self._state = np.concatenate(parts)
        self._state[[ROWS, SIZE]] = len(timed), len(self._state)
        self._rows = {m.name: (HEADER + ROW * i, events_of(m, board.cache_of(m, "data"))) for i, m in enumerate(timed)}

    @property
    def is_idle(self) -> bool:
        """Whether nothing costs anything, so that nothing need be hooked."""
        return not self._rows

    @property
    def address(self) -> int:
        """Where the state lies: the user data of both hooks."""
        return int(self._state.ctypes.data)

    @property
    def accesses(self) -> int:
        """Starts of blocks, and data accesses to timed memories, seen so far."""
        return int(self._state[ACCESSES])

    def counts(self) -> Mapping[str, int]:
        """How often each event happened so far, by `memory.event`."""
        return {
            f"{name}.{event}": int(self._state[row + COUNTS + _NAMES.index(event)])
            for name, (row, events) in self._rows.items()
            for event in events
        }

    def install(self, engine: Any, block_state: blockhook.State | None = None) -> None:
        """Hook an engine; `block_state`: of a block hook installed before, whose refused blocks do not count here."""
        if self.is_idle:
            return
        if block_state is not None:
            self._state[WATCHED] = block_state.ctypes.data + 8 * blockhook.REASON
        self._hook(engine, unicorn_const.UC_HOOK_BLOCK, on_fetch.address, (1, 0))
        for row, _ in self._rows.values():
            writes = unicorn_const.UC_HOOK_MEM_WRITE if self._state[row + WRITES] else 0
            bounds = int(self._state[row + BASE]), int(self._state[row + END]) - 1
            self._hook(engine, unicorn_const.UC_HOOK_MEM_READ | writes, on_access.address, bounds)

    def _hook(self, engine: Any, kinds: int, function: int | None, bounds: tuple[int, int]) -> None:
        """Add a native hook; the binding's own hook_add would go through Python."""
        status = uclib.uc_hook_add(
            engine._uch,
            ctypes.byref(ctypes.c_size_t()),
            ctypes.c_int(kinds),
            ctypes.c_void_p(function),
            ctypes.c_void_p(self.address),
            ctypes.c_uint64(bounds[0]),
            ctypes.c_uint64(bounds[1]),
        )
        if status != unicorn_const.UC_ERR_OK:
            raise EmulationFault(f"emulator refuses the memory hook: status {status}.")


def _write_policy(board: Board, memory: Memory) -> int:
    if memory.read_only:
        return IGNORED
    cache = board.cache_of(memory, "data")
    return ALLOCATED if cache is not None and cache.writes == "back" else COUNTED


def _place_cache(
    board: Board, memory: Memory, holds: str, parts: list[npt.NDArray[np.uint64]], placed: dict[str, int]
) -> int:
    """Offset of the cache for `code` or `data` of a memory; without one, of its read buffer, or of no lines at all."""
    cache = board.cache_of(memory, holds)
    name = f"{memory.name} {holds}" if cache is None else cache.name
    if name not in placed:
        placed[name] = sum(map(len, parts))
        parts.append(_buffer(memory, holds) if cache is None else _cache_lines(cache))
    return placed[name]


def _buffer(memory: Memory, holds: str) -> npt.NDArray[np.uint64]:
    kept = memory.read_bits is not None and (holds == "code" or memory.data_buffered)
    width = (memory.read_bits or 32) // 8
    return _lines(width, width, sets=1, ways=1 if kept else 0, random=False)


def _cache_lines(cache: Cache) -> npt.NDArray[np.uint64]:
    size, line, ways = cache.size or 0, cache.line or 1, cache.ways or 1
    return _lines(line, cache.sector or line, size // (line * ways), ways, cache.replacement == "random")


def _lines(line: int, sector: int, sets: int, ways: int, random: bool) -> npt.NDArray[np.uint64]:
    state = np.zeros(CACHE + LINE * sets * ways, np.uint64)
    state[:LINES] = [line.bit_length() - 1, sector.bit_length() - 1, sets - 1, ways, int(random), 0]
    return state


def _load_word(typing_context: Any, address: Any) -> Any:
    """The uint64 at an address kept as data."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(builder.inttoptr(arguments[0], ir.IntType(64).as_pointer()))

    return types.uint64(types.uint64), codegen


_load: Any = intrinsic(_load_word)


@njit(cache=True)
def _find(state: Any, address: Any) -> Any:
    """Row of the timed memory that holds `address`, 0 for none."""
    row = np.uint64(HEADER)
    for _ in range(state[ROWS]):
        if state[row + np.uint64(BASE)] <= address < state[row + np.uint64(END)]:
            return row
        row += np.uint64(ROW)
    return np.uint64(0)


@njit(cache=True)
def _evict(state: Any, cache: Any, first: Any, oldest: Any) -> Any:
    """Empty the slot of a set that is replaced: the oldest, or any when the policy is random and none is free."""
    slot = oldest
    if state[cache + np.uint64(RANDOM)] and state[slot]:
        mixed = (state[CLOCK] * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(33)
        slot = first + np.uint64(LINE) * (mixed % state[cache + np.uint64(WAYS)])
    if state[slot + np.uint64(DIRTY)]:
        owner = _find(state, (state[slot] - np.uint64(1)) << state[cache + np.uint64(LINE_SHIFT)])
        state[owner + np.uint64(COUNTS + WRITE_BACK)] += np.uint64(1)
    state[slot + np.uint64(VALID)] = np.uint64(0)
    state[slot + np.uint64(DIRTY)] = np.uint64(0)
    return slot


@njit(cache=True)
def _touch(state: Any, cache: Any, address: Any, dirty: Any) -> Any:
    """Look a byte up in a cache; fill its sector and say True on a miss. A changed line that gives way is counted."""
    one, ways = np.uint64(1), state[cache + np.uint64(WAYS)]
    if ways == np.uint64(0):
        return True
    line_shift, sector_shift = state[cache + np.uint64(LINE_SHIFT)], state[cache + np.uint64(SECTOR_SHIFT)]
    line = address >> line_shift
    tag = line + one
    bit = one << ((address >> sector_shift) & ((one << (line_shift - sector_shift)) - one))
    state[CLOCK] += one
    recent = state[cache + np.uint64(RECENT)]
    if recent and state[recent] == tag and state[recent + np.uint64(VALID)] & bit:
        state[recent + np.uint64(STAMP)] = state[CLOCK]
        state[recent + np.uint64(DIRTY)] |= dirty
        return False
    first = cache + np.uint64(CACHE) + np.uint64(LINE) * ways * (line & state[cache + np.uint64(SET_MASK)])
    end = first + np.uint64(LINE) * ways
    slot = victim = first
    while slot < end and state[slot] != tag:
        if state[slot + np.uint64(STAMP)] < state[victim + np.uint64(STAMP)]:
            victim = slot
        slot += np.uint64(LINE)
    if slot == end:
        slot = _evict(state, cache, first, victim)
        state[slot] = tag
    missed = not state[slot + np.uint64(VALID)] & bit
    state[slot + np.uint64(VALID)] |= bit
    state[slot + np.uint64(STAMP)] = state[CLOCK]
    state[slot + np.uint64(DIRTY)] |= dirty
    state[cache + np.uint64(RECENT)] = slot
    return missed


@cfunc(types.void(types.voidptr, types.uint64, types.uint32, types.voidptr), cache=True)
def on_fetch(engine: Any, address: Any, size: Any, user: Any) -> None:
    """Fetch the sectors of a block; one that the fetch before already delivered costs nothing."""
    one = np.uint64(1)
    state = _carray(user, (_carray(user, (HEADER,), np.uint64)[SIZE],), np.uint64)
    if state[WATCHED] and _load(state[WATCHED]) != np.uint64(blockhook.RUNNING):
        return
    state[ACCESSES] += one
    row = _find(state, address)
    if row == np.uint64(0):
        return
    cache = state[row + np.uint64(CODE_CACHE)]
    shift = state[cache + np.uint64(SECTOR_SHIFT)]
    sector, last = address >> shift, (address + np.uint64(size) - one) >> shift
    counts = row + np.uint64(COUNTS)
    while sector <= last:
        before = state[row + np.uint64(LAST_FETCH)]
        if sector != before:
            if _touch(state, cache, sector << shift, np.uint64(0)):
                state[counts + np.uint64(FETCH_NEXT if sector == before + one else FETCH_JUMP)] += one
            state[row + np.uint64(LAST_FETCH)] = sector
        sector += one


@cfunc(
    types.void(types.voidptr, types.int32, types.uint64, types.int32, types.int64, types.voidptr),
    cache=True,
)
def on_access(engine: Any, kind: Any, address: Any, size: Any, value: Any, user: Any) -> None:
    """Read or write data."""
    one = np.uint64(1)
    state = _carray(user, (_carray(user, (HEADER,), np.uint64)[SIZE],), np.uint64)
    state[ACCESSES] += one
    row = _find(state, address)
    if row == np.uint64(0):
        return
    counts, cache = row + np.uint64(COUNTS), state[row + np.uint64(DATA_CACHE)]
    write = kind == unicorn_const.UC_MEM_WRITE
    if write and state[row + np.uint64(WRITES)] != np.uint64(ALLOCATED):
        if state[row + np.uint64(WRITES)] == np.uint64(COUNTED):
            state[counts + np.uint64(WRITE)] += one
        return
    sector = address >> state[cache + np.uint64(SECTOR_SHIFT)]
    if _touch(state, cache, address, np.uint64(write)):
        event = READ_NEXT if sector == state[row + np.uint64(LAST_READ)] + one else READ_JUMP
        state[counts + np.uint64(WRITE_FILL if write else event)] += one
    if not write:
        state[row + np.uint64(LAST_READ)] = sector
