"""The optimal clusters of numbers on a line."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simref import kmeans
from simref.graph import Array

WIDE = st.floats(-(2.0**100), 2.0**100, width=32)
CLOSE = st.integers(0, 400).map(lambda step: float(np.float32(1000) + np.float32(2**-14) * np.float32(step)))
COARSE = st.integers(-4, 4).map(float)
VALUES = st.one_of(*(st.lists(kind, min_size=1, max_size=11) for kind in (WIDE, CLOSE, COARSE)))


def split(values: Array, clusters: int) -> tuple[list[Array], NDArray[np.float32]]:
    """The values of each cluster, and the means."""
    ordered = np.sort(values.astype(np.float32))
    _, first = np.unique(ordered, return_index=True)
    ends = np.append(first, len(ordered))
    bounds, means = kmeans.intervals(ordered, ends, clusters)
    assert len(means) == clusters
    return np.split(ordered, ends[bounds[1:-1]]), means


def error(parts: list[Array]) -> Any:
    """The sum of squared errors to the means, in extended precision."""
    wide = [part.astype(np.longdouble) for part in parts]
    return sum(((part - part.mean()) ** 2).sum() for part in wide)


@given(VALUES, st.integers(1, 6))
@settings(max_examples=200, deadline=None)
def test_no_partition_is_better(values: list[float], clusters: int) -> None:
    ordered = np.sort(np.array(values, np.float32))
    clusters = min(clusters, len(np.unique(ordered)))
    places = itertools.combinations(range(1, len(ordered)), clusters - 1)
    best = min(error(np.split(ordered, place)) for place in places)
    parts, means = split(ordered, clusters)
    unseen = float(np.abs(ordered.astype(np.longdouble)).max()) ** 2 * 2.0**-95
    assert error(parts) <= best * (1 + 1e-9) + unseen
    for part, mean in zip(parts, means, strict=True):
        np.testing.assert_allclose(
            mean, part.astype(np.float64).mean(), rtol=1e-6, atol=float(np.abs(part).max()) / 1e7
        )


@pytest.mark.parametrize("draw", ["normal", "uniform", "standard_cauchy", "bits"])
@pytest.mark.parametrize("clusters", [16, 256])
def test_equals_the_dynamic_program(draw: str, clusters: int) -> None:
    rng = np.random.default_rng(clusters)
    values = rng.integers(0, 600, 700) if draw == "bits" else getattr(rng, draw)(size=500)
    values = values.astype(np.float32)
    parts, _ = split(values, clusters)
    assert error(parts) <= table_of_errors(values, clusters) * (1 + 1e-9)


def table_of_errors(values: Array, clusters: int) -> float:
    """The smallest error by the textbook's dynamic program over all ends and starts."""
    x = np.sort(values.astype(np.longdouble))
    count = np.arange(len(x) + 1)
    total, squares = (np.append(np.longdouble(0), np.cumsum(x**power)) for power in (1, 2))
    number = count - count[:, np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        cost = squares - squares[:, np.newaxis] - (total - total[:, np.newaxis]) ** 2 / number
    cost = np.where(number > 0, cost, np.inf)
    best = np.append(np.longdouble(0), np.full(len(x), np.inf))
    for _ in range(clusters):
        best = (best[:, np.newaxis] + cost).min(axis=0)
    return float(best[-1])


def test_an_edge_of_the_hull_is_split() -> None:
    """Evenly spaced values: E(k) is a straight line from pairs to single values, so that no penalty gives k between."""
    values = np.arange(20, dtype=np.float32)
    for clusters in range(1, 21):
        parts, _ = split(values, clusters)
        sizes = sorted(len(part) for part in parts)
        assert sizes[-1] - sizes[0] <= 1


def test_close_values_survive_a_distant_one() -> None:
    close = np.float32(1) + np.arange(64, dtype=np.float32) * np.float32(2**-20)
    parts, _ = split(np.append(close, np.float32(-1e18)), 9)
    assert [len(part) for part in parts] == [1] + [8] * 8


@pytest.mark.parametrize("draw", ["normal", "laplace"])
@pytest.mark.parametrize("clusters", [16, 64])
def test_never_worse_than_lloyd(draw: str, clusters: int) -> None:
    cluster = pytest.importorskip("sklearn.cluster")
    values = getattr(np.random.default_rng(1), draw)(size=3000).astype(np.float32)
    found = cluster.KMeans(clusters, n_init=5, random_state=0).fit(values[:, np.newaxis].astype(np.float64))
    parts, _ = split(values, clusters)
    assert error(parts) <= found.inertia_ * (1 + 1e-9)


def test_never_worse_than_lloyd_without_packages() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=2000).astype(np.float32)
    parts, _ = split(values, 16)
    x = np.sort(values.astype(np.float64))
    for _ in range(10):
        centres = np.sort(seeds(x, 16, rng))
        for _ in range(100):
            bounds = np.searchsorted(x, (centres[1:] + centres[:-1]) / 2)
            lloyd = [part for part in np.split(x, bounds) if len(part)]
            centres = np.array([part.mean() for part in lloyd])
        assert error(parts) <= error(lloyd) * (1 + 1e-9)


def seeds(x: Array, count: int, rng: np.random.Generator) -> Array:
    """Starting centres as k-means++ draws them."""
    centres = [rng.choice(x)]
    for _ in range(count - 1):
        distance = np.min((x - np.array(centres)[:, np.newaxis]) ** 2, axis=0)
        centres.append(rng.choice(x, p=distance / distance.sum()))
    return np.array(centres)
