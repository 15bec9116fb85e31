"""Boards as tables for a terminal: every fact with where it is from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tabulate import tabulate

if TYPE_CHECKING:
    from costmodel.board import Board, Cache, Memory
    from costmodel.fit import Fit


def boards_text(boards: Iterable[Board]) -> str:
    """One row per board."""
    rows = [
        [board.id, board.core, f"{board.clock_hz / 1e6:g} MHz", _timed(board), "yes" if board.power else "no"]
        for board in boards
    ]
    return tabulate(rows, ["board", "core", "clock", "memories priced", "energy"])


def board_text(board: Board, fit: Fit | None) -> str:
    """One board: memories, caches, parameters with their fitted values, energy, sources."""
    parts = [
        f"{board.id}: {board.name}, {board.part}, {board.core} at {board.clock_hz / 1e6:g} MHz",
        _table([_memory(board, memory) for memory in board.memories], _MEMORY),
        _table([_cache(cache) for cache in board.caches], _CACHE),
        _table(_parameters(board, fit), _PARAMETER),
        f"places: {', '.join(f'{what} in {name}' for what, name in board.places.items())}",
        _energy(board),
        "sources:\n" + "\n".join(f"  {name}: {text}" for name, text in board.sources.items()),
    ]
    return "\n\n".join(part for part in parts if part)


_MEMORY = ("memory", "kind", "base", "bytes", "wait states", "read bits", "accesses", "source")
_CACHE = ("cache", "holds", "of", "bytes", "line", "filled by", "ways", "replaced", "stores", "source")
_PARAMETER = ("parameter", "cycles", "range", "fitted", "prices", "source")


def _memory(board: Board, memory: Memory) -> list[str]:
    priced = "priced" if board.is_timed(memory) else "free" if memory.wait_states == 0 else "taken as free"
    figures = (_known(memory.wait_states), _known(memory.read_bits))
    return [memory.name, memory.kind, f"0x{memory.base:08x}", f"{memory.size:,}", *figures, priced, memory.source]


def _cache(cache: Cache) -> list[str]:
    figures = (_known(cache.size), _known(cache.line), _known(cache.sector or cache.line), _known(cache.ways))
    return [cache.name, cache.holds, " ".join(cache.of), *figures, cache.replacement, cache.writes, cache.source]


def _parameters(board: Board, fit: Fit | None) -> list[list[str]]:
    fitted = {} if fit is None else fit.cycles
    return [
        [
            parameter.name,
            f"{parameter.cycles:g}",
            f"{parameter.low:g} to {parameter.high:g}",
            f"{fitted[parameter.name]:.2f}" if parameter.name in fitted else "-",
            " ".join(parameter.events),
            parameter.source,
        ]
        for parameter in board.parameters
    ]


def _energy(board: Board) -> str:
    if board.power is None:
        return "energy: not measured"
    least, median, most = board.power.picojoule_per_cycle
    return f"energy: {median} pJ per cycle ({least} to {most}) at {board.power.supply_v:g} V, {board.power.source}"


def _timed(board: Board) -> str:
    return " ".join(memory.name for memory in board.memories if board.is_timed(memory)) or "-"


def _known(value: int | None) -> str:
    return "?" if value is None else str(value)


def _table(rows: list[list[str]], headers: tuple[str, ...]) -> str:
    return tabulate(rows, headers, disable_numparse=True) if rows else ""
