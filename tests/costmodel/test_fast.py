"""Fast fits: what ships keeps its promise, and a fit finds the costs that made its data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from costmodel.core import core_names
from costmodel.errors import CostModelError
from costmodel.fast import FITS, START, Errors, FastFit, errors_of, fit_costs, fitted_cores, load_fit

MEDIAN_AIM, P95_AIM = 0.05, 0.15


@pytest.mark.parametrize("core", fitted_cores())
def test_a_shipped_fit_keeps_to_the_aims_on_layers_it_has_not_seen(core: str) -> None:
    fit = load_fit(core)
    assert fit.core == core
    for errors in (fit.cycle_errors, fit.instruction_errors):
        assert 0 <= errors.median <= MEDIAN_AIM
        assert errors.median <= errors.p95 <= P95_AIM
        assert errors.layers >= 300
    assert fit.fitted_layers > 4 * fit.cycle_errors.layers


@pytest.mark.parametrize("core", fitted_cores())
def test_no_piece_has_a_negative_cost(core: str) -> None:
    fit = load_fit(core)
    assert fit.cycles.keys() == fit.instructions.keys()
    assert START in fit.cycles
    assert min(fit.cycles.values()) >= 0
    assert min(fit.instructions.values()) >= 0


def test_fits_ship_for_known_cores_beside_no_facts() -> None:
    assert set(fitted_cores()) <= set(core_names())
    assert {path.suffix for path in FITS.iterdir()} == {".json"}


def test_a_core_without_a_fit_is_refused_with_a_way_out() -> None:
    with pytest.raises(CostModelError, match=r"core m99: has no fast estimate, must be one of .*cm4.* Drop --fast"):
        load_fit("m99")


def test_costs_are_fitted_to_relative_errors_and_saved_whole(tmp_path: Path) -> None:
    layers = [{"k.call": 1.0, "k.loop": float(n)} for n in (1, 10, 1000, 100_000)]
    measured = np.array([50 + 3 * layer["k.loop"] for layer in layers])
    costs = fit_costs(layers, measured)
    assert costs == {"k.call": pytest.approx(50), "k.loop": pytest.approx(3)}
    errors = errors_of(costs, layers, measured * [1, 1, 1, 1.25])
    assert errors == Errors(0.0, pytest.approx(0.17, abs=0.01), pytest.approx(0.2), 4)  # type: ignore[arg-type]
    fit = FastFit("c", "gcc", "1", ("-O2",), "2000-01-01", "00", 4, errors, errors, costs, costs)
    fit.save(tmp_path)
    assert load_fit("c", tmp_path) == fit
    assert fit.price({"k.call": 1, "k.loop": 7}) == (71, 71)
    assert fit.unknown({"k.loop": 1}) is None
    assert fit.unknown({"k.other": 1}) == "k.other"
