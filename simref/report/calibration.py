"""What a calibration found, as tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from simref.pipelines.calibrate import Calibration


def calibration_text(calibrations: Sequence[Calibration]) -> str:
    """Per board: its parameters before and after, every case's error, and how much better the fit foretells."""
    return "\n\n".join(_board_text(calibration) for calibration in calibrations)


def _board_text(calibration: Calibration) -> str:
    board, fit = calibration.board, calibration.fit
    parameters = [
        [p.name, f"{p.cycles:g}", f"{p.low:g} to {p.high:g}", f"{fit.cycles[p.name]:.2f}"] for p in board.parameters
    ]
    cases = [
        [residual.case, residual.kind, f"{before:+.1%}", f"{after:+.1%}", f"{residual.relative:+.1%}"]
        for before, after, residual in zip(calibration.before, calibration.after, fit.residuals, strict=True)
    ]
    before, after = calibration.improvement
    return "\n\n".join(
        [
            f"{board.id}: {fit.cases} measurement{'s' * (fit.cases != 1)}",
            tabulate(parameters, ["parameter", "default", "range", "fitted"], disable_numparse=True),
            tabulate(
                cases, ["case", "kind", "error with defaults", "fitted", "left out of the fit"], disable_numparse=True
            ),
            f"mean error {before:.1%} with the defaults, {after:.1%} of cases that the fit did not know",
        ]
    )
