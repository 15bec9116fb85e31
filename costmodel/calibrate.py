"""Fit the uncertain figures of a board's memories to measured cycles, and say how well each case is foretold.

Cycles are linear in the parameters: predicted = pipeline + sum of counts x cycles. The relative errors are made small
by bounded robust least squares: Huber's weights, each kind of case (int8, float) trusted as far as its cases agree with
the model, each parameter within its physical range, and drawn to its default as far as the measurements leave it open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from costmodel.board import Board
from costmodel.fit import Fit, Residual

Float64 = npt.NDArray[np.float64]
_USUAL_ERROR = 0.01  # of the pipeline model at its best, relative: measurements themselves are no more exact
_HUBER = 1.345  # in usual errors; the customary tuning constant, 95 % efficient for normal errors
_NORMAL = 1.4826  # standard deviation over median absolute error of normal errors
_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Measurement:
    """Measured `cycles` of a case, and what its emulated run gave: pipeline cycles and counts of memory events."""

    case: str
    kind: str
    cycles: float
    pipeline_cycles: float
    events: Mapping[str, int]


def calibrate(board: Board, measurements: Sequence[Measurement], *, data: str, date: str) -> Fit:
    """Fit the board's parameters; the residuals are those of each case when the fit does not know it."""
    found = _solve(board, measurements)
    residuals = []
    for i, measurement in enumerate(measurements):
        others = [*measurements[:i], *measurements[i + 1 :]]
        residuals.append(Residual(measurement.case, measurement.kind, error(board, measurement, _solve(board, others))))
    return Fit(board.id, board.core, found, tuple(residuals), data, date)


def error(board: Board, measurement: Measurement, cycles: Mapping[str, float] | None = None) -> float:
    """Predicted over measured cycles, less one, with these or the default parameters."""
    values = {parameter.name: parameter.cycles for parameter in board.parameters} | dict(cycles or {})
    stalls = float(_counts(board, measurement) @ np.array([values[parameter.name] for parameter in board.parameters]))
    return (measurement.pipeline_cycles + stalls) / measurement.cycles - 1


def _counts(board: Board, measurement: Measurement) -> Float64:
    counts = [sum(measurement.events[event] for event in parameter.events) for parameter in board.parameters]
    return np.array(counts, np.float64)


def _solve(board: Board, measurements: Sequence[Measurement]) -> dict[str, float]:
    """Minimize sum of huber((Ax - b) / usual error of the kind) + sum of ((x - default) / half range)^2 in range."""
    default = np.array([parameter.cycles for parameter in board.parameters])
    low = np.array([parameter.low for parameter in board.parameters])
    high = np.array([parameter.high for parameter in board.parameters])
    measured = np.array([measurement.cycles for measurement in measurements])
    counts = np.array([_counts(board, measurement) for measurement in measurements]).reshape(
        len(measured), len(default)
    )
    matrix = counts / measured[:, None]
    wanted = 1 - np.array([measurement.pipeline_cycles for measurement in measurements]) / measured
    kinds = np.array([measurement.kind for measurement in measurements])
    prior = 1 / np.maximum((high - low) / 2, 1e-9) ** 2
    x = default.copy()
    for _ in range(_ROUNDS):
        off = np.abs(matrix @ x - wanted)
        usual = _usual_errors(off, kinds)
        weights = np.minimum(1, _HUBER * usual / np.maximum(off, 1e-12)) / usual**2
        hessian = (matrix.T * weights) @ matrix + np.diag(prior)
        gradient = (matrix.T * weights) @ wanted + prior * default
        for k in range(len(x)):
            rest = gradient[k] - hessian[k] @ x + hessian[k, k] * x[k]
            x[k] = np.clip(rest / hessian[k, k], low[k], high[k])
    return {parameter.name: float(value) for parameter, value in zip(board.parameters, x, strict=True)}


def _usual_errors(off: Float64, kinds: npt.NDArray[np.str_]) -> Float64:
    """Of each case the usual error of its kind, from the median, which no single case moves; at least _USUAL_ERROR."""
    usual = np.full(len(off), _USUAL_ERROR)
    for kind in np.unique(kinds):
        usual[kinds == kind] = max(_USUAL_ERROR, _NORMAL * float(np.median(off[kinds == kind])))
    return usual
