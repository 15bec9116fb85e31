"""A board as data: a core, its clock and its memory system, in one file `boards/<id>.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from costmodel.core import core_names
from costmodel.errors import UnknownBoard
from costmodel.table import Table, read_toml

BOARDS = Path(__file__).parent / "boards"


@dataclass(frozen=True, slots=True)
class Cache:
    """A cache or prefetch buffer; `holds`: `code`, `data` or `code+data`. Absent figures are None."""

    name: str
    holds: str
    size: int | None
    line: int | None
    ways: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Flash:
    """Where the program lies; `wait_states` None: no public figure."""

    wait_states: int | None
    read_bits: int | None
    prefetch: bool
    source: str


@dataclass(frozen=True, slots=True)
class Power:
    """Active energy per core cycle in picojoule at `supply_v`: least, median and most of the measured cases."""

    supply_v: float
    picojoule_per_cycle: tuple[int, int, int]
    source: str


@dataclass(frozen=True, slots=True)
class Board:
    """One board: which core at which clock, and the memory system around it."""

    id: str
    name: str
    part: str
    core: str
    clock_hz: int
    flash: Flash
    caches: tuple[Cache, ...]
    power: Power | None
    sources: Mapping[str, str]


def board_names() -> tuple[str, ...]:
    """Names that `load_board` knows, sorted."""
    return tuple(sorted(path.stem for path in BOARDS.glob("*.toml")))


def load_board(name_or_path: str) -> Board:
    """Read `boards/<name>.toml`, or a user's own file when the argument ends in `.toml`.

    Raises UnknownBoard, or BadTable naming the wrong key.
    """
    if name_or_path.endswith(".toml"):
        return read_board(Path(name_or_path), name_or_path)
    if name_or_path not in board_names():
        raise UnknownBoard(
            f"board {name_or_path!r} is unknown, must be a .toml file or one of {', '.join(board_names())}."
        )
    return _known_board(name_or_path)


@cache
def _known_board(name: str) -> Board:
    return read_board(BOARDS / f"{name}.toml", f"boards/{name}.toml")


def read_board(path: Path, where: str) -> Board:
    """Read any board file; `where` names it in errors. Raises BadTable."""
    table = read_toml(path, where)
    sources = table.table("sources")
    texts = {name: sources.get(name, str) for name in sources.names()}
    table.sourced("clock_source", texts)
    board = Board(
        id=table.get("id", str),
        name=table.get("name", str),
        part=table.get("part", str),
        core=table.choice("core", core_names()),
        clock_hz=table.count("clock_hz", minimum=1),
        flash=_flash(table.table("flash"), texts),
        caches=tuple(_cache(row, texts) for row in table.tables("cache")),
        power=_power(table.table("power"), texts) if "power" in table.names() else None,
        sources=texts,
    )
    table.done()
    return board


def _optional(table: Table, key: str) -> int | None:
    return table.count(key) if key in table.names() else None


def _flash(table: Table, sources: Mapping[str, str]) -> Flash:
    result = Flash(
        wait_states=_optional(table, "wait_states"),
        read_bits=_optional(table, "read_bits"),
        prefetch=table.get("prefetch", bool, False),
        source=table.sourced("source", sources),
    )
    table.done()
    return result


def _cache(row: Table, sources: Mapping[str, str]) -> Cache:
    result = Cache(
        name=row.get("name", str),
        holds=row.choice("holds", ("code", "data", "code+data")),
        size=_optional(row, "size"),
        line=_optional(row, "line"),
        ways=_optional(row, "ways"),
        source=row.sourced("source", sources),
    )
    row.done()
    return result


def _power(table: Table, sources: Mapping[str, str]) -> Power:
    values: list[object] = table.get("picojoule_per_cycle", list)
    integers = [value for value in values if isinstance(value, int)]
    if len(values) != 3 or len(integers) != 3:
        raise table.fail("picojoule_per_cycle", f"is {values!r}, must be three integers: least, median, most")
    supply = table.get("supply_v", float)
    source = table.sourced("source", sources)
    table.done()
    return Power(supply, (integers[0], integers[1], integers[2]), source)
