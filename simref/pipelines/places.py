"""Which memory of a board holds code, weights and arena, and whether they fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simref.errors import UsageError

if TYPE_CHECKING:
    from costmodel.board import Board, Memory

PLACED = ("weights", "arena")


@dataclass(frozen=True)
class Places:
    """The memories chosen on a board; `moved` names those that the user chose."""

    board: Board
    code: Memory
    weights: Memory
    arena: Memory
    moved: tuple[str, ...]

    @property
    def data(self) -> Memory:
        """Where variables lie: with the arena, unless only that was moved."""
        return _memory(self.board, self.board.places["arena"])


def parse_places(words: Sequence[str]) -> dict[str, str]:
    """Read `weights=sram`, `arena=dtcm`; raises UsageError."""
    places: dict[str, str] = {}
    for word in words:
        what, _, where = word.partition("=")
        if what not in PLACED or not where:
            raise UsageError(f'--place is "{word}", must be weights=MEMORY or arena=MEMORY')
        places[what] = where
    return places


def choose_places(board: Board, moved: Mapping[str, str]) -> Places:
    """The board's usual places but for those `moved`; raises UsageError when it lacks such a memory."""
    names = {**board.places, **moved}
    for what, name in moved.items():
        memory = board.memory(name)
        allowed = [m.name for m in board.memories if what != "arena" or not m.read_only]
        if memory is None or name not in allowed:
            raise UsageError(f'--place {what}={name}: {board.id} has for it {", ".join(allowed)}, but not "{name}"')
    code, weights, arena = (_memory(board, names[what]) for what in ("code", "weights", "arena"))
    return Places(board, code, weights, arena, tuple(moved))


def check_places(board: Board | None, moved: Mapping[str, str]) -> None:
    """Refuse --place without a board, or with a memory that the board lacks, before any work. Raises UsageError."""
    if moved and board is None:
        raise UsageError("--place moves things on a board. Use --board NAME with it.")
    if board is not None:
        choose_places(board, moved)


def check_room(places: Places, weights: int, arena: int) -> None:
    """Refuse what the user placed when it does not fit: sizes in bytes. Raises UsageError."""
    needed: dict[str, list[tuple[str, int]]] = {}
    for what, memory, size in (("weights", places.weights, weights), ("arena", places.arena, arena)):
        needed.setdefault(memory.name, []).append((what, size))
    for what in places.moved:
        memory = places.weights if what == "weights" else places.arena
        held = needed[memory.name]
        if sum(size for _, size in held) > memory.size:
            parts = " and ".join(f"{name} of {size:,} B" for name, size in held)
            raise UsageError(
                f"--place {what}={memory.name}: {parts} do not fit its {memory.size:,} B on {places.board.id}"
            )


def overflows(places: Places, flash: int, ram: int) -> tuple[str, ...]:
    """Notes on what is larger than the board: bytes needed in the memories of code and of variables."""
    return tuple(
        f"{places.board.id}: {needed:,} B do not fit the {memory.size:,} B of {memory.name}; priced as if they did"
        for memory, needed in ((places.code, flash), (places.data, ram))
        if needed > memory.size
    )


def script_of(places: Places, entry: str) -> str:
    """Linker script for these memories, with room for networks that are too large."""
    from generator.link import Region, linker_script

    code, data, weights, arena = (
        Region(memory.base, places.board.room(memory))
        for memory in (places.code, places.data, places.weights, places.arena)
    )
    return linker_script(entry, flash=code, ram=data, weights=weights, arena=arena)


def _memory(board: Board, name: str) -> Memory:
    return next(memory for memory in board.memories if memory.name == name)
