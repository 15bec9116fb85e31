from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from costmodel.errors import UnknownBoard
from costmodel.fit import FITS, shipped_fits
from simref.errors import UsageError
from simref.pipelines.calibrate import calibrate_boards
from simref.pipelines.predict import predict
from simref.report.calibration import calibration_text
from tests.models_present import EXAMPLE

MEASURED = Path(__file__).parents[2] / "traces" / "hardware" / "mlperf_tiny_v1_2.csv"


def write(folder: Path, header: str, *rows: str) -> Path:
    path = folder / "mine.csv"
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def test_the_shipped_fits_are_what_the_measurements_give(tmp_path: Path) -> None:
    results = calibrate_boards(MEASURED, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in FITS.glob("*.json"))
    for shipped in shipped_fits():
        found = json.loads((tmp_path / f"{shipped.board}.json").read_text())
        hint = "run 'make fits'"
        assert found["cycles"] == pytest.approx(dict(shipped.cycles), abs=2e-3), hint
        left_out = [residual.relative for residual in shipped.residuals]
        assert [case["relative"] for case in found["left_out"]] == pytest.approx(left_out, abs=1e-4), hint
    text = calibration_text(results)
    assert "nucleo-l4r5zi: 5 measurements" in text
    assert "of cases that the fit did not know" in text


def test_measured_models_give_a_fit_that_predict_uses(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path / "model.tflite")
    plain = predict(EXAMPLE, board="pico", samples=1)
    table = write(
        tmp_path,
        "board,model,place,ms",
        f"pico,model.tflite,,{1e3 * plain.latency_s}",
        f"pico,model.tflite,weights=sram,{1e3 * plain.latency_s}",
    )
    (result,) = calibrate_boards(table, tmp_path)
    assert result.fit.cases == 2
    assert abs(result.before[0]) < 0.001
    fitted = predict(EXAMPLE, board="pico", samples=1, fit=tmp_path / "pico.json")
    assert any("fitted to 2 measurements" in note for note in fitted.notes)


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        ("board,model,ms", "pico,none.tflite,5", "line 2: model is '"),
        ("board,model,ms", "pico,,5", "line 2: model is missing"),
        ("board,model,ms", "pico,a.tflite,", "line 2: nothing was measured, must give cycles, ms or inferences_per"),
        ("board,model,ms", "pico,a.tflite,fast", "line 2: ms is 'fast', must be a number above 0"),
        ("board,model,cycles", "pico,a.tflite,nan", "line 2: cycles is 'nan', must be a number above 0"),
        ("board,image,cycles", "pico,none.elf,5", "line 2: image is '"),
        ("model,ms", "a.tflite,5", "line 2: board is missing"),
        ("board,model,ms", "ek-ra6m4,a.tflite,5", "line 2: ek-ra6m4 has no parameters to fit"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path: Path, header: str, row: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        calibrate_boards(write(tmp_path, header, row), tmp_path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unknown_boards_and_missing_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownBoard):
        calibrate_boards(write(tmp_path, "board,ms", "toaster,5"), tmp_path)
    with pytest.raises(UsageError, match=r"none\.csv: cannot be read"):
        calibrate_boards(tmp_path / "none.csv", tmp_path)
