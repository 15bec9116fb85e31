import numpy as np
import pytest

from costmodel.band import band_of, interval
from costmodel.fit import Fit, Residual, shipped_fits


def residuals(values: list[float]) -> list[Residual]:
    return [Residual(f"case {i}", "int8", value) for i, value in enumerate(values)]


@pytest.mark.parametrize("count", [3, 5, 12, 40])
def test_nine_of_ten_further_cases_lie_within(count: int) -> None:
    random = np.random.default_rng(count)
    inside = []
    for _ in range(2000):
        drawn = np.exp(0.04 * random.standard_normal(count + 1)) - 1
        band = interval(residuals(drawn[:-1].tolist()))
        assert band is not None
        inside.append(band.low <= 1 / (1 + drawn[-1]) <= band.high)
    assert np.mean(inside) == pytest.approx(0.9, abs=0.02)


def test_too_few_cases_are_no_evidence() -> None:
    assert interval(residuals([0.01, -0.01])) is None
    assert band_of("cm3", "int8") is None


def test_a_users_own_cases_come_first() -> None:
    fit = Fit("mine", "cm3", {}, tuple(residuals([0.5, -0.4, 0.3])), "mine", "2026-01-01")
    own = band_of("cm3", "int8", fit)
    assert own is not None
    assert own.cases == 3
    assert band_of("cm3", "float", fit) is None


def test_bands_cover_nine_of_ten_measured_cases_left_out() -> None:
    inside = []
    for core, kind in sorted({(fit.core, r.kind) for fit in shipped_fits() for r in fit.residuals}):
        cases = [r for fit in shipped_fits() if fit.core == core for r in fit.residuals if r.kind == kind]
        for i, case in enumerate(cases):
            band = interval(cases[:i] + cases[i + 1 :])
            if band is not None:
                inside.append(band.low <= 1 / (1 + case.relative) <= band.high)
    assert len(inside) >= 20
    assert np.mean(inside) >= 0.9
