import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from costmodel.board import Board
from tests.validate_hardware import EVENTS, main, read_cases

# what the models of this version reach with the boards' own parameters, before any fit
BOUNDS = {("cm0plus", "int8"): 0.04, ("cm4", "int8"): 0.03, ("cm33", "int8"): 0.03, ("cm7", "int8"): 0.03}


def recorded() -> dict[str, dict[str, str]]:
    with EVENTS.open(newline="") as file:
        return {row["image"]: row for row in csv.DictReader(file)}


def predicted(board: Board, row: dict[str, str]) -> float:
    """Cycles from what an image did when it was emulated, without the image."""
    events = dict(part.split("=") for part in row["events"].split(";"))
    cycles = float(row["pipeline_cycles"])
    for parameter in board.parameters:
        cycles += parameter.cycles * sum(int(events[name]) for name in parameter.events)
    return cycles


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
    errors = [abs(predicted(case.board, rows[case.image]) / case.measured - 1) for case in cases]
    assert np.mean(errors) < BOUNDS[core, kind]


def test_without_images_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([""]) == 2
    assert main([str(tmp_path)]) == 1
    assert "holds none of the images" in capsys.readouterr().out
