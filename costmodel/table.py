"""Strict reading of a TOML table: every key is asked for by type, and none is left over."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from costmodel.errors import BadTable

T = TypeVar("T")
_NO_DEFAULT: Any = object()


class Table:
    """A TOML table that names itself in its errors, e.g. `cores/cm4.toml: timing[3].issue`."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self._values = values
        self._where = where
        self._asked: set[str] = set()

    def fail(self, key: str, problem: str) -> BadTable:
        """Return the error for one key; the caller raises it."""
        separator = "" if self._where.endswith(": ") else "."
        return BadTable(f"{self._where}{separator}{key} {problem}.")

    def get(self, key: str, kind: type[T], default: T = _NO_DEFAULT) -> T:
        """Value of `key`, which must be of type `kind`; raises BadTable."""
        self._asked.add(key)
        if key not in self._values:
            if default is _NO_DEFAULT:
                raise self.fail(key, f"is missing, must be {_article(kind)}")
            return default
        value = self._values[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.fail(key, f"is {value!r}, must be {_article(kind)}")
        return value

    def count(self, key: str, default: int = _NO_DEFAULT, minimum: int = 0) -> int:
        """Integer of at least `minimum`."""
        value = self.get(key, int, default)
        if value < minimum:
            raise self.fail(key, f"is {value}, must be at least {minimum}")
        return value

    def number(self, key: str) -> float:
        """Integer or float, as a float."""
        value = self._values.get(key)
        kind = int if isinstance(value, int) and not isinstance(value, bool) else float
        return float(self.get(key, kind))

    def choice(self, key: str, allowed: tuple[str, ...], default: str = _NO_DEFAULT) -> str:
        """String out of `allowed`."""
        value = self.get(key, str, default)
        if value not in allowed:
            raise self.fail(key, f"is {value!r}, must be one of {', '.join(map(repr, allowed))}")
        return value

    def strings(self, key: str, default: tuple[str, ...] = _NO_DEFAULT) -> tuple[str, ...]:
        """List of strings."""
        if default is not _NO_DEFAULT and key not in self._values:
            self._asked.add(key)
            return default
        values: list[Any] = self.get(key, list)
        for value in values:
            if not isinstance(value, str):
                raise self.fail(key, f"holds {value!r}, must hold strings only")
        return tuple(values)

    def sourced(self, key: str, sources: Mapping[str, str]) -> str:
        """Source of a fact: keys of `sources`, separated by spaces."""
        value = self.get(key, str)
        for name in value.split() or [value]:
            if name not in sources:
                raise self.fail(key, f"is {value!r}, must name keys of sources: {', '.join(sources)}")
        return value

    def numbers(self, key: str) -> dict[str, int]:
        """Table of integers, empty when absent."""
        values: dict[str, Any] = self.get(key, dict, {})
        for name, value in values.items():
            if not isinstance(value, int) or isinstance(value, bool):
                raise self.fail(f"{key}.{name}", f"is {value!r}, must be an integer")
        return values

    def table(self, key: str, required: bool = True) -> "Table":
        """Sub-table; an empty one when it is absent and not required."""
        values: dict[str, Any] = self.get(key, dict, *([] if required else [{}]))
        return Table(values, f"{self._where}{'' if self._where.endswith(': ') else '.'}{key}")

    def tables(self, key: str) -> "list[Table]":
        """Array of tables, empty when absent."""
        values: list[Any] = self.get(key, list, [])
        for value in values:
            if not isinstance(value, dict):
                raise self.fail(key, f"holds {value!r}, must hold tables only")
        prefix = "" if self._where.endswith(": ") else "."
        return [Table(value, f"{self._where}{prefix}{key}[{i}]") for i, value in enumerate(values)]

    def names(self) -> tuple[str, ...]:
        """Keys of this table, for tables whose keys are free."""
        return tuple(self._values)

    def done(self) -> None:
        """Raise BadTable when a key was never asked for: a misspelt key must not pass unread."""
        for key in self._values:
            if key not in self._asked:
                raise self.fail(key, f"is unknown, must be one of {', '.join(sorted(self._asked))}")


def _article(kind: type) -> str:
    names = {int: "an integer", str: "a string", bool: "true or false", list: "an array"}
    names |= {dict: "a table", float: "a number"}
    return names.get(kind, kind.__name__)


def read_toml(path: Path, where: str) -> Table:
    """Parse a TOML file; raises BadTable with the parser's own position on a syntax error."""
    try:
        return Table(tomllib.loads(path.read_text("utf-8")), f"{where}: ")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadTable(f"{where}: not TOML: {error}.") from None
    except OSError as error:
        raise BadTable(f"{where}: cannot be read: {error.strerror}.") from None
