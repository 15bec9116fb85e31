"""A board as data: a core, its clock, its memories and what they cost, in one file `boards/<id>.toml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from costmodel.core import core_names
from costmodel.errors import UnknownBoard
from costmodel.table import Table, read_toml

BOARDS = Path(__file__).parent / "boards"
STRETCH = 64 << 20
KINDS = ("flash", "sram", "tcm", "axi_sram", "sdram", "qspi")
_READ_ONLY = ("flash", "qspi")
_READS = ("fetch_jump", "fetch_next", "read_jump", "read_next")


@dataclass(frozen=True, slots=True)
class Memory:
    """One region of memory, in bytes; `wait_states` None: no public figure.

    `read_bits`: what one read delivers and a buffer in front of it keeps, for instructions and, where
    `data_buffered`, for data; None: no buffer.
    """

    name: str
    kind: str
    base: int
    size: int
    wait_states: int | None
    read_bits: int | None
    data_buffered: bool
    prefetch: bool
    source: str

    @property
    def read_only(self) -> bool:
        """Whether a program cannot store there."""
        return self.kind in _READ_ONLY


@dataclass(frozen=True, slots=True)
class Cache:
    """A cache; `holds`: `code`, `data` or `code+data` of the memories `of`. Figures in bytes; absent ones are None.

    A miss fills one `sector` of a line, which is the whole line in most caches. `writes`: `none` (reads only, stores
    pass by), `through` or `back` (with allocation on a store).
    """

    name: str
    holds: str
    of: tuple[str, ...]
    size: int | None
    line: int | None
    sector: int | None
    ways: int | None
    replacement: str
    writes: str
    source: str

    @property
    def known(self) -> bool:
        """Whether the file gives the whole geometry."""
        return None not in (self.size, self.line, self.ways)


@dataclass(frozen=True, slots=True)
class Parameter:
    """An uncertain figure: each of the `events` costs `cycles`, on top of what other parameters say of it.

    `low` and `high` are the physical range within which a fit may move it.
    """

    name: str
    cycles: float
    low: float
    high: float
    events: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Power:
    """Active energy per core cycle in picojoule at `supply_v`: least, median and most of the measured cases."""

    supply_v: float
    picojoule_per_cycle: tuple[int, int, int]
    source: str


@dataclass(frozen=True, slots=True)
class Board:
    """One board: which core at which clock, and the memory system around it.

    `places` says which memory holds `code`, `weights` and `arena` unless a prediction places them elsewhere.
    """

    id: str
    name: str
    part: str
    core: str
    clock_hz: int
    memories: tuple[Memory, ...]
    caches: tuple[Cache, ...]
    parameters: tuple[Parameter, ...]
    places: Mapping[str, str]
    power: Power | None
    sources: Mapping[str, str]

    def memory(self, name: str) -> Memory | None:
        """The memory of that name, None when the board has none."""
        return next((memory for memory in self.memories if memory.name == name), None)

    def cache_of(self, memory: Memory, holds: str) -> Cache | None:
        """The cache for `code` or `data` of a memory, None without one."""
        return next((c for c in self.caches if memory.name in c.of and holds in c.holds.split("+")), None)

    def is_timed(self, memory: Memory) -> bool:
        """Whether accesses to it cost anything: whether a parameter prices one of its events."""
        return any(event.partition(".")[0] == memory.name for p in self.parameters for event in p.events)

    def room(self, memory: Memory) -> int:
        """Bytes from its base to the next memory, 64 MB at most unless it is larger itself.

        A network too large for the board is still linked and priced, as if this memory were larger.
        """
        largest = memory.base + max(memory.size, STRETCH)
        return min([largest, *(m.base for m in self.memories if m.base > memory.base)]) - memory.base

    @property
    def events(self) -> tuple[str, ...]:
        """Names of the events that the timed memories can have, `memory.event`."""
        return tuple(
            f"{memory.name}.{event}"
            for memory in self.memories
            if self.is_timed(memory)
            for event in events_of(memory, self.cache_of(memory, "data"))
        )

    @property
    def untimed(self) -> tuple[Memory, ...]:
        """Memories whose wait states nobody has published: taken as zero."""
        return tuple(m for m in self.memories if m.wait_states is None and not self.is_timed(m))


def events_of(memory: Memory, data_cache: Cache | None) -> tuple[str, ...]:
    """What accesses to a memory are counted as.

    A fetch or read that no buffer or cache holds counts as `_next` when it goes on where the one before ended, which a
    prefetcher foresees, else as `_jump`. `write`: a store that no write-back cache takes. `write_fill`,
    `write_back`: a line read because of a store, a changed line written when it gives way.
    """
    if memory.read_only:
        return _READS
    if data_cache is not None and data_cache.writes == "back":
        return (*_READS, "write_fill", "write_back")
    return (*_READS, "write")


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
    memories = _memories(table, texts)
    board = Board(
        id=_identifier(table, "id"),
        name=table.get("name", str),
        part=table.get("part", str),
        core=table.choice("core", core_names()),
        clock_hz=table.count("clock_hz", minimum=1),
        memories=memories,
        caches=tuple(_cache(row, memories, texts) for row in table.tables("cache")),
        parameters=tuple(_parameter(row, texts) for row in table.tables("parameter")),
        places=_places(table.table("places"), memories),
        power=_power(table.table("power"), texts) if "power" in table.names() else None,
        sources=texts,
    )
    table.done()
    _check_prices(table, board)
    return board


def _optional(table: Table, key: str, minimum: int = 0) -> int | None:
    return table.count(key, minimum=minimum) if key in table.names() else None


def _identifier(table: Table, key: str) -> str:
    """A name that can be part of an event's name and of a file's."""
    value = table.get(key, str)
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", value) is None:
        raise table.fail(key, f"is {value!r}, must be letters, digits, underscores and hyphens")
    return value


def _memories(table: Table, sources: Mapping[str, str]) -> tuple[Memory, ...]:
    memories: list[Memory] = []
    for row in table.tables("memory"):
        memory = Memory(
            name=_identifier(row, "name"),
            kind=row.choice("kind", KINDS),
            base=row.count("base"),
            size=row.count("size", minimum=1),
            wait_states=_optional(row, "wait_states"),
            read_bits=_power_of_two(row, "read_bits", minimum=8),
            data_buffered=row.get("data_buffered", bool, True),
            prefetch=row.get("prefetch", bool, False),
            source=row.sourced("source", sources),
        )
        row.done()
        for other in memories:
            if other.name == memory.name:
                raise row.fail("name", f"is {memory.name!r} again, must differ from every other memory's")
            if memory.base < other.base + other.size and other.base < memory.base + memory.size:
                raise row.fail("base", f"is 0x{memory.base:08x}, overlaps the memory {other.name!r}")
        memories.append(memory)
    if not memories:
        raise table.fail("memory", "is missing, must be at least one [[memory]]")
    return tuple(memories)


def _power_of_two(table: Table, key: str, minimum: int = 1) -> int | None:
    value = _optional(table, key, minimum)
    if value is not None and value & (value - 1):
        raise table.fail(key, f"is {value}, must be a power of two")
    return value


def _cache(row: Table, memories: tuple[Memory, ...], sources: Mapping[str, str]) -> Cache:
    result = Cache(
        name=row.get("name", str),
        holds=row.choice("holds", ("code", "data", "code+data")),
        of=row.strings("of"),
        size=_optional(row, "size", 1),
        line=_power_of_two(row, "line"),
        sector=_power_of_two(row, "sector"),
        ways=_optional(row, "ways", 1),
        replacement=row.choice("replacement", ("lru", "random"), "lru"),
        writes=row.choice("writes", ("none", "through", "back"), "none"),
        source=row.sourced("source", sources),
    )
    row.done()
    for name in result.of:
        if name not in [memory.name for memory in memories]:
            raise row.fail("of", f"names {name!r}, must name memories: {', '.join(m.name for m in memories)}")
    if result.size is not None and result.line is not None and result.ways is not None:
        sets, rest = divmod(result.size, result.line * result.ways)
        if rest or sets & (sets - 1) or not sets:
            raise row.fail("size", f"is {result.size}, must be line x ways x a power of two")
        if result.sector is not None and not result.line // 64 <= result.sector <= result.line:
            raise row.fail("sector", f"is {result.sector}, must be at most the line and at least a 64th of it")
    return result


def _parameter(row: Table, sources: Mapping[str, str]) -> Parameter:
    low, high = _numbers(row, "range", 2)
    result = Parameter(
        name=row.get("name", str),
        cycles=row.number("cycles"),
        low=low,
        high=high,
        events=row.strings("events"),
        source=row.sourced("source", sources),
    )
    row.done()
    if not 0 <= low <= result.cycles <= high:
        raise row.fail(
            "cycles", f"is {result.cycles:g}, must lie in range {low:g} to {high:g}, which starts at 0 or above"
        )
    return result


def _numbers(row: Table, key: str, count: int) -> list[float]:
    values: list[object] = row.get(key, list)
    numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(values) != count or len(numbers) != count:
        raise row.fail(key, f"is {values!r}, must be {count} numbers")
    return numbers


def _places(table: Table, memories: tuple[Memory, ...]) -> Mapping[str, str]:
    places = {key: table.choice(key, tuple(m.name for m in memories)) for key in ("code", "weights", "arena")}
    table.done()
    arena = next(memory for memory in memories if memory.name == places["arena"])
    if arena.read_only:
        raise table.fail("arena", f"is {arena.name!r}, must be a memory that a program can write")
    return places


def _check_prices(table: Table, board: Board) -> None:
    """Every event priced, and nothing priced that cannot happen: a cost must not be lost by a misspelt name."""
    possible = board.events
    for i, parameter in enumerate(board.parameters):
        for event in parameter.events:
            if event not in possible:
                found = f"names the event {event!r}, must be one of {', '.join(possible) or 'none'}"
                raise table.fail(f"parameter[{i}] {parameter.name!r}", found)
    priced = {event for parameter in board.parameters for event in parameter.events}
    for event in possible:
        if event not in priced:
            raise table.fail("parameter", f"prices every event but {event!r}, must price it too")
    for memory in board.memories:
        if memory.wait_states and not board.is_timed(memory):
            raise table.fail("parameter", f"prices no event of {memory.name!r}, which has wait states")
        for holds in ("code", "data"):
            cache = board.cache_of(memory, holds)
            if board.is_timed(memory) and cache is not None and not cache.known:
                raise table.fail(
                    "cache", f"{cache.name!r} lacks size, line or ways, which pricing {memory.name!r} needs"
                )


def _power(table: Table, sources: Mapping[str, str]) -> Power:
    values: list[object] = table.get("picojoule_per_cycle", list)
    integers = [value for value in values if isinstance(value, int)]
    if len(values) != 3 or len(integers) != 3:
        raise table.fail("picojoule_per_cycle", f"is {values!r}, must be three integers: least, median, most")
    supply = table.number("supply_v")
    source = table.sourced("source", sources)
    table.done()
    return Power(supply, (integers[0], integers[1], integers[2]), source)
