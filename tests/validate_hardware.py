"""Predicted against measured cycles of firmware that ran on hardware: make validate-hardware IMAGES=<checkout>.

The images lie in a checkout of mlcommons/tiny_results_v1.2 and stay there; what was measured on them is in
traces/hardware/mlperf_tiny_v1_2.csv. `--write` records what the emulated images did, so that a fit can be repeated
without them, in mlperf_tiny_v1_2_events.csv.
"""

import csv
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tabulate import tabulate

from costmodel.board import Board, load_board
from costmodel.core import load_core
from costmodel.cycles import Estimate, estimate
from costmodel.errors import EmulationFault
from costmodel.firmware import Call, Firmware
from costmodel.fit import shipped_fit
from costmodel.image import load_image
from costmodel.memory import MemorySimulation
from costmodel.references import function_in_loop_after

MEASURED = Path(__file__).parent.parent / "traces" / "hardware" / "mlperf_tiny_v1_2.csv"
EVENTS = MEASURED.with_name("mlperf_tiny_v1_2_events.csv")
_BEFORE_INFERENCE = b"m-infer-start"  # what the benchmark's firmware prints, then calls the inference in a loop
_BOOT, _INFERENCE = 20_000_000, 2_000_000_000
_MANY = 1000  # loop counters that wait in registers: more rounds than are run


@dataclass(frozen=True, slots=True)
class Case:
    """One measured image; `measured` are core cycles of one inference."""

    board: Board
    model: str
    kind: str
    variant: str
    measured: float
    image: str


@dataclass(frozen=True, slots=True)
class Result:
    """What the model says of one image."""

    case: Case
    call: Call
    estimate: Estimate

    @property
    def error(self) -> float:
        """Predicted over measured cycles, less one."""
        return self.estimate.total_cycles / self.case.measured - 1


def main(arguments: list[str]) -> int:
    """Print the table; exit code 1 without any image."""
    if not arguments or not arguments[0]:
        print("usage: make validate-hardware IMAGES=<checkout of mlcommons/tiny_results_v1.2>")
        return 2
    folder = Path(arguments[0])
    present = [case for case in read_cases() if (folder / case.image).is_file()]
    if not present:
        print(f"{folder} holds none of the images of {MEASURED.name}")
        return 1
    results = [validate(case, folder) for case in present]
    print(table(results))
    if "--write" in arguments:
        write_events(results)
    return 0


def read_cases() -> list[Case]:
    """Every measured image."""
    with MEASURED.open(newline="") as file:
        return [
            Case(
                board=load_board(row["board"]),
                model=row["model"],
                kind=row["kind"],
                variant=row["variant"],
                measured=float(row["clock_hz"]) / float(row["inferences_per_second"]),
                image=row["image"],
            )
            for row in csv.DictReader(file)
        ]


def infer(image: Path, board: Board) -> Call:
    """Boot an image, then profile its second inference: as in a benchmark, with warm caches."""
    program = load_image(image)
    reference, function = function_in_loop_after(program, _BEFORE_INFERENCE)
    firmware = Firmware(program, load_core(board.core), limit=_BOOT)
    with suppress(EmulationFault):  # it waits for a command that nobody sends: booted
        firmware.run_to(function)
    firmware.watch(MemorySimulation(board))
    firmware.limit = _INFERENCE
    firmware.set_callee_saved(_MANY)
    firmware.run_to(function, start=reference)
    return firmware.profile_call(function, twice=True)


def validate(case: Case, folder: Path) -> Result:
    """Predict one image."""
    call = infer(folder / case.image, case.board)
    core, fit = load_core(case.board.core), shipped_fit(case.board)
    return Result(case, call, estimate(call.profile, core, case.board, fit))


def table(results: list[Result]) -> str:
    """One line per image, then one per core and kind."""
    rows = [
        [r.case.board.id, r.case.model, r.case.kind, r.case.variant, r.call.profile.total_instructions,
         r.estimate.total_cycles, round(r.case.measured), f"{100 * r.error:+.1f} %"]
        for r in results
    ]  # fmt: skip
    headers = ["board", "model", "kind", "variant", "instructions", "predicted", "measured", "error"]
    return "\n\n".join([tabulate(rows, headers, intfmt=","), summary(results)])


def summary(results: Iterable[Result]) -> str:
    """Mean and largest absolute error per core and kind."""
    groups: dict[tuple[str, str], list[float]] = {}
    for result in results:
        groups.setdefault((result.case.board.core, result.case.kind), []).append(abs(result.error))
    rows = [
        [core, kind, len(errors), f"{100 * np.mean(errors):.1f} %", f"{100 * max(errors):.1f} %"]
        for (core, kind), errors in groups.items()
    ]
    return tabulate(rows, ["core", "kind", "images", "mean error", "largest"])


def write_events(results: list[Result]) -> None:
    """Record instructions, pipeline cycles and memory events of every image."""
    with EVENTS.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["image", "instructions", "pipeline_cycles", "stack", "events"])
        for result in results:
            profile = result.call.profile
            pipeline = estimate(profile, load_core(result.case.board.core)).total_cycles
            events = ";".join(f"{name}={int(counts.sum())}" for name, counts in profile.events.items())
            writer.writerow([result.case.image, profile.total_instructions, pipeline, result.call.stack, events])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
