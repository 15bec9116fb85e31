from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("POW", operands=2)


def test_formula() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0.1, 5, 5000).astype(np.float32), rng.uniform(-20, 20, 5000).astype(np.float32)
    expected = a.astype(np.float64) ** b
    np.testing.assert_allclose(computed("POW", [a, b]), expected, rtol=3e-7)


def test_negative_bases_take_integer_exponents() -> None:
    a, b = np.array([-2, -2, -2, -1], np.float32), np.array([3, -2, 0.5, 0], np.float32)
    np.testing.assert_array_equal(computed("POW", [a, b]), np.array([-8, 0.25, np.nan, 1], np.float32))
