"""Least squares with no negative unknowns (Lawson and Hanson, Solving Least Squares Problems, 1974, chapter 23)."""

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def nonnegative_least_squares(a: Float64, b: Float64) -> Float64:
    """The x >= 0, float64 [columns], that minimizes |a x - b|; a: [rows, columns], b: [rows].

    Columns may be of any size and depend on one another. A column of zeros gets 0.
    """
    size = np.linalg.norm(a, axis=0)
    scale = np.where(size > 0, size, 1.0)
    q, r = np.linalg.qr(a / scale)
    target = q.T @ b
    x = np.zeros(a.shape[1])
    free = np.zeros(a.shape[1], np.bool_)
    tolerance = 1e-10 * max(float(np.abs(target).max(initial=0.0)), 1e-300)
    for _ in range(3 * a.shape[1]):
        gradient = r.T @ (target - r @ x)
        gradient[free] = -np.inf
        best = int(np.argmax(gradient)) if not free.all() else -1
        if best < 0 or gradient[best] <= tolerance:
            break
        free[best] = True
        x = _feasible(r, target, x, free)
    return np.asarray(x / scale)


def _feasible(r: Float64, target: Float64, x: Float64, free: npt.NDArray[np.bool_]) -> Float64:
    """Solve for the free unknowns; those that would turn negative stop at 0 and are free no more."""
    while True:
        solved = np.zeros_like(x)
        solved[free] = np.linalg.lstsq(r[:, free], target, rcond=None)[0]
        negative = free & (solved <= 0)
        if not negative.any():
            return solved
        step = float((x[negative] / (x[negative] - solved[negative])).min())
        x = x + step * (solved - x)
        free &= x > 1e-15
        x[~free] = 0.0
