from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from costmodel.board import Board, load_board
from costmodel.calibrate import Measurement, calibrate, error
from costmodel.errors import BadFit
from costmodel.fit import Fit, load_fit, shipped_fit

BOARD = load_board("nucleo-l4r5zi")
TRUTH = {"fetch_miss": 6.0, "prefetched_miss": 2.0, "read_miss": 4.5}


def measurements(board: Board, truth: dict[str, float], count: int = 8, noise: float = 0.0) -> list[Measurement]:
    """Cases whose cycles follow from the parameters, but for a relative error."""
    random = np.random.default_rng(7)
    found = []
    for i in range(count):
        pipeline = float(random.integers(1_000_000, 20_000_000))
        events = {event: int(pipeline * random.uniform(0, 0.05)) for event in board.events}
        stalls = sum(truth[p.name] * sum(events[event] for event in p.events) for p in board.parameters)
        measured = (pipeline + stalls) * (1 + noise * float(random.standard_normal()))
        found.append(Measurement(f"case {i}", "int8", measured, pipeline, events))
    return found


def fitted(cases: list[Measurement], board: Board = BOARD) -> Fit:
    return calibrate(board, cases, data="drawn", date="2026-01-01")


def test_exact_measurements_give_the_parameters_back() -> None:
    fit = fitted(measurements(BOARD, TRUTH))
    assert fit.cycles == pytest.approx(TRUTH, abs=0.03)
    assert max(abs(residual.relative) for residual in fit.residuals) < 0.004


def test_a_parameter_stays_within_its_physical_range() -> None:
    fit = fitted(measurements(BOARD, {**TRUTH, "read_miss": 9.5}))
    assert fit.cycles["read_miss"] == next(p.high for p in BOARD.parameters if p.name == "read_miss")


def test_one_wrong_measurement_moves_little() -> None:
    cases = measurements(BOARD, TRUTH, count=12)
    wrong = [*cases[:-1], replace(cases[-1], cycles=1.5 * cases[-1].cycles)]
    assert fitted(wrong).cycles == pytest.approx(TRUTH, rel=0.15)
    assert fitted(wrong).residuals[-1].relative == pytest.approx(1 / 1.5 - 1, abs=0.02)


def test_what_no_measurement_tells_keeps_its_default() -> None:
    silent = [replace(case, events=dict.fromkeys(case.events, 0)) for case in measurements(BOARD, TRUTH)]
    assert fitted(silent).cycles == pytest.approx({parameter.name: parameter.cycles for parameter in BOARD.parameters})


def test_a_single_case_is_left_out_to_the_defaults() -> None:
    case = measurements(BOARD, TRUTH, count=1)
    fit = fitted(case)
    assert fit.residuals[0].relative == error(BOARD, case[0])
    assert abs(error(BOARD, case[0], fit.cycles)) < abs(fit.residuals[0].relative)


def test_a_kind_that_the_model_misses_does_not_spoil_the_other() -> None:
    cases = measurements(BOARD, TRUTH, count=8, noise=0.002)
    floats = [replace(case, kind="float", cycles=1.15 * case.cycles) for case in cases[:3]]
    fit = fitted(cases + floats)
    off = [abs(error(BOARD, case, fit.cycles)) for case in cases]
    assert max(off) < 0.02


def test_a_fit_survives_its_file(tmp_path: Path) -> None:
    fit = fitted(measurements(BOARD, TRUTH, noise=0.01))
    fit.save(tmp_path / "fit.json")
    loaded = load_fit(tmp_path / "fit.json", BOARD)
    assert loaded.cycles == pytest.approx(fit.cycles, abs=1e-3)
    assert [r.case for r in loaded.residuals] == [r.case for r in fit.residuals]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"nucleo-l4r5zi"', '"pico"', "is a fit of board 'pico', must be one of 'nucleo-l4r5zi'"),
        (
            '"read_miss"',
            '"miss"',
            "cycles.miss is no parameter of nucleo-l4r5zi: fetch_miss, prefetched_miss, read_miss",
        ),
        ('"read_miss": 4.5', '"read_miss": 45', "cycles.read_miss is 45, must lie in 3 to 9"),
        ("{", "[", "not a fit"),
        ('"cycles"', '"ticks"', "not a fit (KeyError: 'cycles')"),
    ],
)
def test_a_wrong_fit_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "fit.json"
    Fit(BOARD.id, "cm4", TRUTH, (), "drawn", "2026-01-01").save(path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(BadFit) as caught:
        load_fit(path, BOARD)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_users_own_version_of_a_board_has_no_shipped_fit() -> None:
    assert shipped_fit(BOARD) is not None
    assert shipped_fit(replace(BOARD, clock_hz=80_000_000)) is None
    assert shipped_fit(replace(BOARD, id="toaster")) is None


def test_a_fit_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadFit, match=r"fit\.json: cannot be written: "):
        fitted(measurements(BOARD, TRUTH, count=2)).save(tmp_path / "file" / "fit.json")


def test_a_missing_fit_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadFit, match=r"none\.json: cannot be read: No such file"):
        load_fit(tmp_path / "none.json", BOARD)
