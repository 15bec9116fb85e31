"""A table of measured cycles -> fitted parameters of each board, and how much better they foretell.

Each row of the CSV file names a `board`, what ran, and what was measured (`cycles`, `ms` or `inferences_per_second`).
What ran is a `model` (.tflite; `place` as in `weights=sram;arena=dtcm`), or an `image` with the `function` to call.
Where `<name>_events.csv` lies beside the table and holds the row's image, its recorded run is taken instead.
"""

from __future__ import annotations

import csv
import datetime
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simref.errors import UsageError

if TYPE_CHECKING:
    from costmodel.board import Board
    from costmodel.calibrate import Measurement
    from costmodel.fit import Fit
    from costmodel.profile import Profile

Row = Mapping[str, str]
_IMAGE_LIMIT = 4_000_000_000


@dataclass(frozen=True)
class Calibration:
    """A board's fit; errors of its cases with defaults and with the fit, relative to the measured cycles."""

    board: Board
    fit: Fit
    before: tuple[float, ...]
    after: tuple[float, ...]

    @property
    def improvement(self) -> tuple[float, float]:
        """Mean absolute error with the defaults, and of the cases left out of the fit."""
        left_out = [residual.relative for residual in self.fit.residuals]
        return _mean_absolute(self.before), _mean_absolute(left_out)


def calibrate_boards(table: Path, output: Path) -> list[Calibration]:
    """Fit every board of the table and write `<output>/<board>.json` each.

    Raises UsageError naming the table's line, and what emulation of a model or an image raises.
    """
    from costmodel.board import load_board
    from costmodel.calibrate import calibrate, error

    recorded = _recorded(table.with_name(f"{table.stem}_events.csv"))
    measured: dict[str, tuple[Board, list[Measurement]]] = {}
    for line, row in enumerate(_rows(table), start=2):
        where = f"{table}: line {line}"
        board = load_board(_text(row, "board", where))
        if not board.parameters:
            raise UsageError(f"{where}: {board.id} has no parameters to fit, see 'simref boards {board.id}'")
        found = _measurement(row, board, recorded, table.parent, where)
        measured.setdefault(board.id, (board, []))[1].append(found)
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    results = []
    for board, cases in measured.values():
        fit = calibrate(board, cases, data=table.name, date=today)
        fit.save(output / f"{board.id}.json")
        before, after = (tuple(error(board, case, cycles) for case in cases) for cycles in (None, fit.cycles))
        results.append(Calibration(board, fit, before, after))
    return results


def _measurement(row: Row, board: Board, recorded: Mapping[str, Row], folder: Path, where: str) -> Measurement:
    from costmodel.calibrate import Measurement

    image = row.get("image", "")
    case = " ".join(row[key] for key in ("model", "kind", "variant", "place") if row.get(key)) or image
    cycles = _cycles(row, board, where)
    if image in recorded:
        return Measurement(case, row.get("kind") or "int8", cycles, *_recorded_run(recorded[image], board, where))
    profile = _image_profile(row, board, folder, where) if image else _model_profile(row, board, folder, where)
    kind, pipeline, events = _run(profile, board)
    return Measurement(case, row.get("kind") or kind, cycles, pipeline, events)


def _cycles(row: Row, board: Board, where: str) -> float:
    """Measured cycles of one run, from whichever column says so."""
    clock = _number(row, "clock_hz", where) if row.get("clock_hz") else float(board.clock_hz)
    if row.get("cycles"):
        return _number(row, "cycles", where)
    if row.get("ms"):
        return _number(row, "ms", where) * 1e-3 * clock
    if row.get("inferences_per_second"):
        return clock / _number(row, "inferences_per_second", where)
    raise UsageError(f"{where}: nothing was measured, must give cycles, ms or inferences_per_second")


def _run(profile: Profile, board: Board) -> tuple[str, float, dict[str, int]]:
    """Kind of code, pipeline cycles and memory events of a profile."""
    from costmodel.core import load_core
    from costmodel.cycles import estimate

    priced = estimate(profile, load_core(board.core), board)
    pipeline = float(priced.total_cycles - sum(priced.stall_cycles))
    return priced.kind, pipeline, {name: int(counts.sum()) for name, counts in profile.events.items()}


def _model_profile(row: Row, board: Board, folder: Path, where: str) -> Profile:
    """One inference of a model's generated code on the board, on warm caches."""
    from costmodel.core import load_core
    from costmodel.emulate import Machine
    from costmodel.memory import MemorySimulation
    from generator.link import STACK_SIZE
    from generator.toolchains import find_toolchain
    from simref.pipelines.comparison import validate_emulated
    from simref.pipelines.places import parse_places
    from simref.pipelines.predict import INSTRUCTION_LIMIT, build_for_core, placed, prepare

    model = prepare(_file(row, "model", folder, where), samples=1)
    moved = parse_places(row["place"].split(";")) if row.get("place") else {}
    core = load_core(board.core)
    with tempfile.TemporaryDirectory(prefix="simref-") as name:
        elf = build_for_core(model.project, core, find_toolchain(), Path(name), placed(model, board, moved))
        machine = Machine(elf, core, stack_size=STACK_SIZE, instruction_limit=INSTRUCTION_LIMIT)
        machine.watch(MemorySimulation(board))
        expected = model.expected(fused=core.fuses_products)
        return validate_emulated(model.project, machine, model.inputs.arrays, expected)[0]


def _image_profile(row: Row, board: Board, folder: Path, where: str) -> Profile:
    """The second of two calls of the image's function, with the registers of the first that the program makes."""
    from costmodel.core import load_core
    from costmodel.firmware import Firmware
    from costmodel.image import load_image
    from costmodel.memory import MemorySimulation

    program = load_image(_file(row, "image", folder, where))
    function = _text(row, "function", where)
    firmware = Firmware(program, load_core(board.core), limit=_IMAGE_LIMIT)
    address = int(function, 0) if function[0].isdigit() else firmware.symbol(function)
    firmware.watch(MemorySimulation(board))
    firmware.run_to(address)
    return firmware.profile_call(address, twice=True).profile


def _file(row: Row, column: str, folder: Path, where: str) -> Path:
    path = folder / _text(row, column, where)
    if not path.is_file():
        raise UsageError(f"{where}: {column} is {str(path)!r}, which is no file")
    return path


def _recorded(path: Path) -> dict[str, Row]:
    return {row["image"]: row for row in _rows(path) if row.get("image")} if path.exists() else {}


def _recorded_run(row: Row, board: Board, where: str) -> tuple[float, dict[str, int]]:
    pairs = [pair.partition("=") for pair in row["events"].split(";")]
    events = {name: int(count) for name, _, count in pairs}
    missing = [event for event in board.events if event not in events]
    if missing:
        raise UsageError(f"{where}: the recorded run of {row['image']} lacks {', '.join(missing)}. Record it again.")
    return float(row["pipeline_cycles"]), events


def _rows(path: Path) -> list[Row]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [{key: value or "" for key, value in row.items() if key} for row in csv.DictReader(file)]
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path}: is no CSV file ({error})") from None


def _text(row: Row, column: str, where: str) -> str:
    if not row.get(column):
        raise UsageError(f"{where}: {column} is missing")
    return row[column]


def _number(row: Row, column: str, where: str) -> float:
    try:
        value = float(row[column])
    except ValueError:
        value = 0.0
    if not 0 < value < 1e18:
        raise UsageError(f"{where}: {column} is {row[column]!r}, must be a number above 0")
    return value


def _mean_absolute(values: tuple[float, ...] | list[float]) -> float:
    return sum(map(abs, values)) / len(values)
