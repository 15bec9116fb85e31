"""Cycles without emulation: what each piece of a kernel costs on a core, fitted to emulated runs.

A piece is a part of a kernel that costs about the same whenever it runs: a call, one turn of an inner loop. Its costs
lie in fits/fast/<core>.json, which a program writes from recorded runs: they are estimates, kept apart from the facts
in cores/ and boards/.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from costmodel.errors import CostModelError
from costmodel.nnls import Float64, nonnegative_least_squares

FITS = Path(__file__).parent / "fits" / "fast"

Pieces = Mapping[str, float]

START = "start"
"""The piece that stands for what runs before the first layer, once per inference."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Of layers that the fit has not seen: |estimated / emulated - 1|, median, 95th percentile and largest."""

    median: float
    p95: float
    largest: float
    layers: int


@dataclass(frozen=True, slots=True)
class FastFit:
    """Costs of one execution of each piece on one core, with where they come from.

    toolchain, version, flags: the compiler whose code was emulated. runtime_sha256: of the C kernels at that time.
    date: of the recording. fitted_layers: how many layers the costs were fitted to.
    """

    core: str
    toolchain: str
    version: str
    flags: tuple[str, ...]
    date: str
    runtime_sha256: str
    fitted_layers: int
    cycle_errors: Errors
    instruction_errors: Errors
    cycles: Pieces
    instructions: Pieces

    def unknown(self, pieces: Pieces) -> str | None:
        """A piece that was never recorded, or None."""
        return next((piece for piece in pieces if piece not in self.cycles), None)

    def price(self, pieces: Pieces) -> tuple[int, int]:
        """(instructions, cycles) of so many executions of each piece, all of them known."""
        instructions, cycles = (
            round(sum(costs[piece] * count for piece, count in pieces.items()))
            for costs in (self.instructions, self.cycles)
        )
        return instructions, cycles

    def save(self, folder: Path = FITS) -> Path:
        """Write `<core>.json`; the path written."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.core}.json"
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        return path


def fitted_cores(folder: Path = FITS) -> tuple[str, ...]:
    """The cores that have a fit, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.json")))


@cache
def load_fit(core: str, folder: Path = FITS) -> FastFit:
    """The fit of a core. Raises CostModelError when there is none."""
    if core not in fitted_cores(folder):
        known = ", ".join(fitted_cores(folder)) or "none"
        raise CostModelError(f"core {core}: has no fast estimate, must be one of {known}. Drop --fast to emulate it.")
    values = json.loads((folder / f"{core}.json").read_text(encoding="utf-8"))
    for name in ("cycle_errors", "instruction_errors"):
        values[name] = Errors(**values[name])
    return FastFit(**{**values, "flags": tuple(values["flags"])})


def fit_costs(layers: Sequence[Pieces], measured: Float64) -> dict[str, float]:
    """Cost of each piece, none negative, that come nearest to what the layers cost, each layer's error relative.

    layers: executions of each piece, per layer; measured: cycles or instructions, positive, float64 [layers].
    Kernels that share no layer are fitted apart, which gives the same costs sooner.
    """
    costs: dict[str, float] = {}
    for kernels in _met(layers):
        rows = [k for k, pieces in enumerate(layers) if not kernels.isdisjoint(map(_kernel, pieces))]
        costs |= _fitted([layers[k] for k in rows], measured[rows])
    return dict(sorted(costs.items()))


def _kernel(piece: str) -> str:
    return piece.partition(".")[0]


def _met(layers: Sequence[Pieces]) -> list[set[str]]:
    """Sets of kernels; two kernels of one layer are in one set."""
    sets: list[set[str]] = []
    for kernels in {frozenset(map(_kernel, pieces)) for pieces in layers}:
        joined = set(kernels).union(*(known for known in sets if known & kernels))
        sets = [known for known in sets if not known & kernels] + [joined]
    return sets


def _fitted(layers: Sequence[Pieces], measured: Float64) -> dict[str, float]:
    names = sorted({name for pieces in layers for name in pieces})
    counts = np.array([[pieces.get(name, 0.0) for name in names] for pieces in layers])
    costs = nonnegative_least_squares(counts / measured[:, np.newaxis], np.ones(len(layers)))
    return {name: float(f"{cost:.6g}") for name, cost in zip(names, costs, strict=True)}


def errors_of(costs: Pieces, layers: Sequence[Pieces], measured: Float64) -> Errors:
    """How far the costs are off on layers that have known pieces only."""
    found = np.array([sum(costs[name] * count for name, count in pieces.items()) for pieces in layers])
    wrong = np.abs(found / measured - 1)
    median, p95, largest = (float(f"{value:.4f}") for value in np.percentile(wrong, (50, 95, 100)))
    return Errors(median, p95, largest, len(layers))
