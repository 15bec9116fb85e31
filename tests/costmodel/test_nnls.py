"""Least squares without negative unknowns: the optimality conditions, on any matrix."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.nnls import nonnegative_least_squares


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 30), columns=st.integers(1, 12), rank=st.integers(1, 12))
def test_no_unknown_is_negative_and_none_could_be_better(seed: int, rows: int, columns: int, rank: int) -> None:
    rng = np.random.default_rng(seed)
    size = 10.0 ** rng.uniform(-3, 3, columns)
    a = rng.normal(size=(rows, rank)) @ rng.normal(size=(rank, columns)) * size
    b = rng.normal(size=rows)
    x = nonnegative_least_squares(a, b)
    gradient = (a / size).T @ (b - a @ x)
    allowed = 1e-6 * np.linalg.norm(a / size) * np.linalg.norm(b)
    assert (x >= 0).all()
    assert (gradient <= allowed).all(), "an unknown at 0 would rather grow"
    assert (np.abs(gradient[x > 0]) <= allowed).all(), "a positive unknown is where its column fits best"


def test_costs_that_made_the_data_are_found_again() -> None:
    rng = np.random.default_rng(0)
    costs = np.array([0.0, 3.0, 17.5, 0.25])
    a = rng.uniform(0, 100, (20, 4))
    np.testing.assert_allclose(nonnegative_least_squares(a, a @ costs), costs, atol=1e-9)


def test_a_column_of_zeros_costs_nothing() -> None:
    a = np.array([[1.0, 0.0], [2.0, 0.0]])
    np.testing.assert_allclose(nonnegative_least_squares(a, np.array([2.0, 4.0])), [2.0, 0.0])
