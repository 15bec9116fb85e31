"""The record of the sweep: what is written is read again, and what ships was fitted to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from costmodel.fast import START, fitted_cores, load_fit
from simref.pipelines.prediction import ToolchainUsed
from simref.pipelines.traces import FOLDER, Row, digest_of, fit_core, read_rows, trace_path, write_rows

TRACES = sorted(FOLDER.glob("*.csv"))


def test_rows_are_read_as_written(tmp_path: Path) -> None:
    costs = {"cm4": (10, 12), "cm7": (10, 7)}
    rows = [Row("add", START, False, {START: 1.0}, costs), Row("add", "ADD 3, 4", True, {"a.b": 12345678.5}, costs)]
    write_rows(tmp_path / "t.csv", rows)
    assert list(read_rows(tmp_path / "t.csv")) == rows


def test_the_trace_is_small() -> None:
    assert TRACES
    assert all(path.stat().st_size < 2_000_000 for path in TRACES)


@pytest.mark.parametrize("core", fitted_cores())
def test_what_ships_was_fitted_to_the_trace(core: str) -> None:
    shipped = load_fit(core)
    toolchain = ToolchainUsed(shipped.toolchain, shipped.version, shipped.flags)
    path = trace_path(toolchain)
    rows = list(read_rows(path))
    again = fit_core(core, rows, toolchain, shipped.date)
    assert again.cycles.keys() == shipped.cycles.keys()
    assert again.cycle_errors.median == pytest.approx(shipped.cycle_errors.median, abs=1e-3)
    assert again.cycle_errors.p95 == pytest.approx(shipped.cycle_errors.p95, abs=1e-3)
    for row in rows:
        # Pieces that always go together may share their costs in other ways; a layer's price is the same.
        if row.held_out and row.pieces.keys() <= shipped.cycles.keys():
            assert again.price(row.pieces)[1] == pytest.approx(shipped.price(row.pieces)[1], rel=2e-2, abs=5)


def test_the_digest_sees_code_but_no_comment(tmp_path: Path) -> None:
    def digest(text: str) -> str:
        (tmp_path / "k.c").write_text(text, encoding="utf-8")
        return digest_of([tmp_path / "k.c"])

    assert digest("int a; /* one */\n") == digest("int  a;\n/* two\n lines */")
    assert digest("int a;") != digest("int b;")
