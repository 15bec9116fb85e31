"""Keras' JSON: parsed within bounds, and read field by field with the type and the range that each must have."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from simref.errors import ModelError, UnsupportedError
from simref.importers._untrusted import printable
from simref.importers.keras.archive import MAX_CONFIG_BYTES

# Larger than any size or step a layer of this project's networks can have; sums and products stay exact.
MAX_INTEGER = 1 << 28


def parse(text: bytes | str, what: str) -> dict[str, Any]:
    """A JSON object. Raises ModelError where the text is none, is too long or is nested too deeply."""
    if len(text) > MAX_CONFIG_BYTES:
        raise ModelError(f"{what} has {len(text)} bytes, must have at most {MAX_CONFIG_BYTES}")
    try:
        parsed = json.loads(text)
    except RecursionError as error:
        raise ModelError(f"{what} is nested too deeply") from error
    except ValueError as error:
        raise ModelError(f"{what} is no valid JSON ({' '.join(str(error).split())[:120]})") from error
    if not isinstance(parsed, dict):
        raise ModelError(f"{what} is a {type(parsed).__name__}, must be a JSON object")
    return parsed


@dataclass(frozen=True)
class Config:
    """The configuration of one layer; `owner` starts every message."""

    owner: str
    fields: dict[str, Any]

    def with_field(self, name: str, value: object) -> Config:
        """A configuration of the same layer with that field alone, to be read with its checks."""
        return Config(self.owner, {name: value})

    def refuse(self, reason: str) -> NoReturn:
        """Raise UnsupportedError: the layer is valid, but asks for what is not built."""
        raise UnsupportedError(f"{self.owner}: {reason}")

    def damaged(self, reason: str) -> NoReturn:
        """Raise ModelError: the layer contradicts itself."""
        raise ModelError(f"{self.owner}: {reason}")

    def get(self, *names: str) -> Any:
        """The first of the fields that is there and not null, else None: Keras has renamed some of its fields."""
        return next((self.fields[name] for name in names if self.fields.get(name) is not None), None)

    def _wrong(self, name: str, value: object, allowed: str) -> NoReturn:
        self.damaged(f"{name} is {printable(json.dumps(value, default=repr))[:80]}, must be {allowed}")

    def integer(self, *names: str, default: int | None = None, low: int = 1, high: int = MAX_INTEGER) -> int:
        """A whole number from `low` to `high`."""
        return self._integer(names[0], default if self.get(*names) is None else self.get(*names), low, high)

    def _integer(self, name: str, value: object, low: int, high: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self._wrong(name, value, f"a whole number from {low} to {high}")
        if value != int(value):
            self._wrong(name, value, "a whole number")
        return int(value)

    def integers(
        self, name: str, length: int | None = None, *, low: int = 1, high: int = MAX_INTEGER
    ) -> tuple[int, ...]:
        """A list of whole numbers; with `length`, a single number stands for as many of it."""
        value = self.get(name)
        if length is not None and isinstance(value, int | float):
            value = [value] * length
        if not isinstance(value, list) or (length is not None and len(value) != length):
            self._wrong(name, value, "a list of whole numbers" if length is None else f"{length} whole numbers")
        return tuple(self._integer(name, item, low, high) for item in value)

    def number(self, *names: str, default: float | None = None) -> float:
        """A finite number."""
        value = self.get(*names)
        value = default if value is None else value
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
            self._wrong(names[0], value, "a number")
        return float(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self.get(name)
        value = default if value is None else value
        if not isinstance(value, bool):
            self._wrong(name, value, "true or false")
        return value

    def choice(self, name: str, allowed: Sequence[str], default: str | None = None) -> str:
        """One of the texts. Raises UnsupportedError for another one."""
        value = self.get(name)
        value = default if value is None else value
        if not isinstance(value, str):
            self._wrong(name, value, f"one of {', '.join(allowed)}")
        if value not in allowed:
            self.refuse(f"{name} is {printable(value)}, must be {' or '.join(allowed)}")
        return value

    def axes(self, name: str, rank: int, default: int = -1) -> tuple[int, ...]:
        """Dimensions of a tensor, counted from the front, ascending: one number or a list of them."""
        value = self.get(name)
        listed = value if isinstance(value, list) else [default if value is None else value]
        return tuple(sorted({self._integer(name, item, -rank, rank - 1) % rank for item in listed}))

    def section(self, name: str) -> dict[str, Any]:
        """A field that is an object itself."""
        value = self.get(name)
        if not isinstance(value, dict):
            self._wrong(name, value, "an object")
        return value
