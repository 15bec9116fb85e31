"""Fitted parameters of a board: what measurements say about the figures that no manual gives.

A fit is a JSON file written by `costmodel.calibrate`; facts stay in the board's file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from costmodel.board import Board, load_board
from costmodel.errors import BadFit

FITS = Path(__file__).parent / "fits"


@dataclass(frozen=True, slots=True)
class Residual:
    """One measurement left out of the fit: predicted over measured cycles, less one."""

    case: str
    kind: str
    relative: float


@dataclass(frozen=True, slots=True)
class Fit:
    """Cycles of a board's parameters, fitted to `cases` measurements, and how well each was foretold when left out."""

    board: str
    core: str
    cycles: Mapping[str, float]
    residuals: tuple[Residual, ...]
    data: str
    date: str

    @property
    def cases(self) -> int:
        """How many measurements the fit rests on."""
        return len(self.residuals)

    def save(self, path: Path) -> None:
        """Write the JSON file that `load_fit` reads. Raises BadFit."""
        residuals = [{"case": r.case, "kind": r.kind, "relative": round(r.relative, 5)} for r in self.residuals]
        values = {
            "board": self.board,
            "core": self.core,
            "data": self.data,
            "date": self.date,
            "cycles": {name: round(value, 4) for name, value in self.cycles.items()},
            "left_out": residuals,
        }
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise BadFit(f"{path}: cannot be written: {error.strerror}.") from None


def shipped_fit(board: Board) -> Fit | None:
    """The fit that ships for a board, None without one or for a user's own version of its file. Raises BadFit."""
    path = FITS / f"{board.id}.json"
    return load_fit(path, board) if path.exists() and board == load_board(board.id) else None


@cache
def shipped_fits() -> tuple[Fit, ...]:
    """Every fit that ships, by board. Raises BadFit."""
    return tuple(_read(path) for path in sorted(FITS.glob("*.json")))


def load_fit(path: Path, board: Board) -> Fit:
    """Read a fit of this board, each value within its parameter's range. Raises BadFit."""
    fit = _read(path)
    if fit.board != board.id:
        raise BadFit(f"{path}: is a fit of board {fit.board!r}, must be one of {board.id!r}.")
    ranges = {parameter.name: parameter for parameter in board.parameters}
    for name, cycles in fit.cycles.items():
        if name not in ranges:
            raise BadFit(f"{path}: cycles.{name} is no parameter of {board.id}: {', '.join(ranges) or 'it has none'}.")
        if not ranges[name].low - 1e-3 <= cycles <= ranges[name].high + 1e-3:
            allowed = f"{ranges[name].low:g} to {ranges[name].high:g}"
            raise BadFit(f"{path}: cycles.{name} is {cycles:g}, must lie in {allowed}, the board's physical range.")
    return fit


def _read(path: Path) -> Fit:
    try:
        return _fit(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise BadFit(f"{path}: cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadFit(
            f"{path}: not a fit ({type(error).__name__}: {error}): write it with 'simref calibrate'."
        ) from None


def _fit(values: Any) -> Fit:
    return Fit(
        board=str(values["board"]),
        core=str(values["core"]),
        cycles={str(name): float(cycles) for name, cycles in values["cycles"].items()},
        residuals=tuple(Residual(str(r["case"]), str(r["kind"]), float(r["relative"])) for r in values["left_out"]),
        data=str(values["data"]),
        date=str(values["date"]),
    )
