"""How far to trust a count of cycles: the spread of what measured hardware took, by core and kind of code.

A band is Student's prediction interval of the ratio of measured to predicted cycles, around one: from the errors of
cases that their fit did not know, 90 % of further cases are expected within it. Without such cases there is no band.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from costmodel.fit import Fit, Residual, shipped_fits

# 95 % quantiles of Student's t for 1, 2, ... degrees of freedom; beyond the last, of the normal distribution
_T95 = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753)
_NORMAL95 = 1.645
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Band:
    """In 9 of 10 cases hardware takes `low` to `high` times the predicted cycles, as `cases` measured ones tell."""

    low: float
    high: float
    cases: int


def band_of(core: str, kind: str, fit: Fit | None = None) -> Band | None:
    """Band of a core for `int8` or `float` code, from a user's own fit where it has such cases; None: no evidence."""
    own = [] if fit is None else [r for r in fit.residuals if r.kind == kind]
    if len(own) >= _FEWEST:
        return interval(own)
    return interval([r for other in shipped_fits() if other.core == core for r in other.residuals if r.kind == kind])


def interval(residuals: Sequence[Residual]) -> Band | None:
    """Band from errors relative to the measured cycles; None for fewer than three."""
    if len(residuals) < _FEWEST:
        return None
    n = len(residuals)
    spread = _root_mean_square(math.log1p(r.relative) for r in residuals)
    width = _quantile(n) * spread
    return Band(math.exp(-width), math.exp(width), n)


def _quantile(degrees: int) -> float:
    return _T95[degrees - 1] if degrees <= len(_T95) else _NORMAL95


def _root_mean_square(values: Iterable[float]) -> float:
    squares = [value * value for value in values]
    return math.sqrt(sum(squares) / len(squares))
