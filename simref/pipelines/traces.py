"""Record what layers of drawn shapes cost on every core, and fit the fast path's costs to it (make traces)."""

from __future__ import annotations

import csv
import datetime
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from costmodel.core import core_names
from costmodel.fast import START, FastFit, errors_of, fit_costs
from generator.emit import RUNTIME, generate, kernel_files
from generator.work import KERNELS
from simref.errors import SimrefError
from simref.graph import Layer
from simref.pipelines.fast import layer_pieces
from simref.pipelines.predict import Model, predict_core
from simref.pipelines.prediction import ToolchainUsed
from simref.sweep import SweepGraph, sweep_graphs, sweep_inputs

FOLDER = RUNTIME.parent / "traces" / "sweep"
_COMMENT_OR_SPACE = re.compile(rb"(?:/\*.*?\*/|\s+)+", re.DOTALL)


class InexactSweep(SimrefError):
    """An emulated layer of the sweep differed from the reference: its counts mean nothing."""


@dataclass(frozen=True)
class Row:
    """One layer: what it is, how often each piece of its kernels ran, and (instructions, cycles) by core."""

    family: str
    layer: str
    held_out: bool
    pieces: Mapping[str, float]
    costs: Mapping[str, tuple[int, int]]


def runtime_digest() -> str:
    """SHA-256 of the C that the recorded kernels are built from."""
    return digest_of([*kernel_files(KERNELS), *sorted((RUNTIME / "support").rglob("*.[ch]"))])


def digest_of(files: Sequence[Path]) -> str:
    """SHA-256 of the names and contents of C files without comments and spaces, in the order given."""
    total = sha256()
    for path in files:
        total.update(path.name.encode() + b"\0")
        total.update(_COMMENT_OR_SPACE.sub(b" ", path.read_bytes()) + b"\0")
    return total.hexdigest()


def record_graph(sweep: SweepGraph, *, held_out: bool, toolchain: str) -> tuple[list[Row], dict[str, ToolchainUsed]]:
    """One row for each layer of the graph that has code, and one for what runs before them; the compiler by core.

    Raises InexactSweep when an emulated layer differs from the reference.
    """
    graph, data = sweep.graph, sweep_inputs(sweep.graph)
    model = Model(graph.name, "graph", "", graph, generate(graph), data, engine="numba")
    predictions = [predict_core(model, core=core, toolchain=toolchain) for core in core_names()]
    for prediction in predictions:
        if prediction.exact.mismatches:
            raise InexactSweep(f"sweep on {prediction.core}: {prediction.exact.differences[0]}")
    start = {p.core: (p.overhead_instructions, p.overhead_cycles) for p in predictions}
    rows = [Row(START, START, held_out, {START: 1.0}, start)]
    for k, (code, family) in enumerate(zip(model.project.layers, sweep.families, strict=True)):
        pieces = layer_pieces(code)
        if pieces:
            costs = {p.core: (p.layers[k].instructions, p.layers[k].cycles) for p in predictions}
            rows.append(Row(family, _describe(code.layer), held_out, pieces, costs))
    return rows, {p.core: p.toolchain for p in predictions}


def _describe(layer: Layer) -> str:
    shapes = ["x".join(map(str, t.shape)) for t in (*layer.inputs, *layer.outputs) if t is not None]
    return f"{layer.op} {' '.join(shapes)}"


def record(toolchain: str = "gcc") -> tuple[list[Row], dict[str, ToolchainUsed]]:
    """All families, fitted and held out; the compiler by core."""
    rows: list[Row] = []
    for held_out in (False, True):
        for sweep in sweep_graphs(held_out=held_out):
            found, used = record_graph(sweep, held_out=held_out, toolchain=toolchain)
            rows += found
            print(f"recorded {len(rows)} rows", file=sys.stderr)
    return sorted(rows, key=lambda row: (row.held_out, row.family)), used


def trace_path(toolchain: ToolchainUsed) -> Path:
    """E.g. traces/sweep/arm-none-eabi-gcc-12.2.1.csv."""
    return FOLDER / f"{toolchain.name.replace(' ', '-')}-{toolchain.version}.csv"


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """One line per layer; pieces as `name=count name=count`, then instructions and cycles per core."""
    cores = sorted(rows[0].costs)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        columns = [f"{core}_{what}" for core in cores for what in ("instructions", "cycles")]
        writer.writerow(["family", "layer", "held_out", "pieces", *columns])
        for row in rows:
            pieces = " ".join(f"{name}={count:.10g}" for name, count in sorted(row.pieces.items()))
            costs = [cost for core in cores for cost in row.costs[core]]
            writer.writerow([row.family, row.layer, int(row.held_out), pieces, *costs])


def read_rows(path: Path) -> Iterator[Row]:
    """What `write_rows` wrote."""
    with path.open(newline="", encoding="utf-8") as stream:
        for line in csv.DictReader(stream):
            pairs = (pair.rpartition("=") for pair in line["pieces"].split())
            pieces = {name: float(count) for name, _, count in pairs}
            cores = [column.removesuffix("_cycles") for column in line if column.endswith("_cycles")]
            costs = {core: (int(line[f"{core}_instructions"]), int(line[f"{core}_cycles"])) for core in cores}
            yield Row(line["family"], line["layer"], line["held_out"] == "1", pieces, costs)


def fit_core(core: str, rows: Sequence[Row], toolchain: ToolchainUsed, date: str) -> FastFit:
    """Costs from the rows that are not held out, errors from those that are and have no piece unknown to the fit."""
    fitted = [row for row in rows if not row.held_out]
    costs, errors = [], []
    for which in (0, 1):
        costs.append(fit_costs([row.pieces for row in fitted], _measured(fitted, core, which)))
        tested = [row for row in rows if row.held_out and row.layer != START and row.pieces.keys() <= costs[-1].keys()]
        errors.append(errors_of(costs[-1], [row.pieces for row in tested], _measured(tested, core, which)))
    return FastFit(
        core=core,
        toolchain=toolchain.name,
        version=toolchain.version,
        flags=toolchain.flags,
        date=date,
        runtime_sha256=runtime_digest(),
        fitted_layers=len(fitted),
        cycle_errors=errors[1],
        instruction_errors=errors[0],
        cycles=costs[1],
        instructions=costs[0],
    )


def _measured(rows: Sequence[Row], core: str, which: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array([row.costs[core][which] for row in rows], np.float64)


def main() -> None:
    """Record, write the trace, fit every core."""
    rows, toolchains = record()
    path = trace_path(next(iter(toolchains.values())))
    write_rows(path, rows)
    print(f"wrote {path}: {len(rows)} rows")
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    for core, toolchain in sorted(toolchains.items()):
        fit = fit_core(core, rows, toolchain, today)
        written, e = fit.save(), fit.cycle_errors
        print(f"wrote {written}: cycles off by {e.median:.1%} (median), {e.p95:.1%} (95 %), {e.largest:.1%} (most)")


if __name__ == "__main__":
    main()
