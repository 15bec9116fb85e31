import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from costmodel.board import Board
from costmodel.core import load_core
from costmodel.fit import shipped_fit
from tests.validate_hardware import EVENTS, Case, main, read_cases

DOCUMENT = Path(__file__).parent.parent / "docs" / "cycle_model.md"

# what the models of this version reach with the boards' own parameters, before any fit
BOUNDS = {("cm0plus", "int8"): 0.04, ("cm4", "int8"): 0.03, ("cm33", "int8"): 0.03, ("cm7", "int8"): 0.03}


def recorded() -> dict[str, dict[str, str]]:
    with EVENTS.open(newline="") as file:
        return {row["image"]: row for row in csv.DictReader(file)}


def predicted(board: Board, row: dict[str, str], fitted: Mapping[str, float]) -> float:
    """Cycles from what an image did when it was emulated, without the image; `fitted` replaces the board's figures."""
    events = dict(part.split("=") for part in row["events"].split(";"))
    cycles = float(row["pipeline_cycles"])
    for parameter in board.parameters:
        price = fitted.get(parameter.name, parameter.cycles)
        cycles += price * sum(int(events[name]) for name in parameter.events)
    return cycles


def documented_rows() -> list[str]:
    """The table of docs/cycle_model.md: errors of the fitted images, and of those left out of the fit."""
    rows = recorded()
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in read_cases():
        groups.setdefault((case.board.id, case.kind), []).append(case)
    lines = []
    for (_, kind), cases in groups.items():
        fit = shipped_fit(cases[0].board)
        assert fit is not None
        errors = [abs(predicted(case.board, rows[case.image], fit.cycles) / case.measured - 1) for case in cases]
        left_out = [abs(residual.relative) for residual in fit.residuals if residual.kind == kind]
        assert len(left_out) == len(errors)
        figures = (np.mean(errors), max(errors), np.mean(left_out), max(left_out))
        shown = " | ".join(f"{100 * figure:.1f} %" for figure in figures)
        lines.append(
            f"| {cases[0].board.name} ({load_core(cases[0].board.core).name}) | {kind} | {len(cases)} | {shown} |"
        )
    return lines


def test_every_measured_image_has_its_events_on_the_boards_memories() -> None:
    rows = recorded()
    cases = read_cases()
    assert {case.image for case in cases} == rows.keys()
    assert Counter(case.board.core for case in cases) == {"cm0plus": 4, "cm4": 5, "cm33": 5, "cm7": 9}
    for case in cases:
        names = {part.split("=")[0] for part in rows[case.image]["events"].split(";")}
        assert names == set(case.board.events)
        assert 0.6 < case.measured / int(rows[case.image]["instructions"]) < 3


@pytest.mark.parametrize(("core", "kind"), BOUNDS)
def test_the_recorded_images_are_predicted_as_well_as_stated(core: str, kind: str) -> None:
    rows = recorded()
    cases = [case for case in read_cases() if (case.board.core, case.kind) == (core, kind)]
    errors = [abs(predicted(case.board, rows[case.image], {}) / case.measured - 1) for case in cases]
    assert np.mean(errors) < BOUNDS[core, kind]


def test_the_documents_table_is_of_these_fits() -> None:
    text = DOCUMENT.read_text("utf-8")
    for row in documented_rows():
        assert row in text, "docs/cycle_model.md needs this row"


def test_without_images_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([""]) == 2
    assert main([str(tmp_path)]) == 1
    assert "holds none of the images" in capsys.readouterr().out
