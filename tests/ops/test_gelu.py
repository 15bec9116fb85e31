from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from simref.graph import Graph
from simref.ops.gelu import Attributes
from tests.ops.number_cases import check_formula, computed, samples_of
from tests.oracle import Array


def samples() -> list[Graph]:
    return [graph for way in (False, True) for graph in samples_of("GELU", Attributes(way))]


def exact(x: Array) -> Array:
    return np.asarray(x / 2 * (1 + np.vectorize(math.erf)(x / np.sqrt(2))))


def approximate(x: Array) -> Array:
    return np.asarray(x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))))


@pytest.mark.parametrize("formula", [exact, approximate])
def test_formula(formula: Callable[[Array], Array]) -> None:
    """Far below zero 1 + erf cancels: there the error is a rounding of 1, times x."""
    attributes = Attributes(formula is approximate)
    check_formula("GELU", formula, attributes, ulps=4, low=0)
    x = np.linspace(-10, 0, 10001).astype(np.float32)
    np.testing.assert_allclose(computed("GELU", [x], attributes), formula(x.astype(np.float64)), atol=1e-6)
