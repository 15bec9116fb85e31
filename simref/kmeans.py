"""Optimal k-means of numbers on a line, in compiled code; imported only where it runs.

Sorted, the best clusters are intervals, and the sum of squared errors of an interval is a Monge cost. So the smallest
error E(k) is convex in k, and a shortest path in which each cluster also pays a penalty finds the points of that curve
(Aggarwal, Schieber, Tokuyama, "Finding a minimum-weight k-link path in graphs with the concave Monge property", 1994;
Grønlund et al., "Fast exact k-means, k-medians and Bregman divergence clustering in 1D", 2017). The search for the
penalty is a search along a convex hull; where the wanted k lies on one of its edges, the paths of the edge's two ends
cross and are joined where they do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bounds = NDArray[np.int64]
Moments = NDArray[np.float64]

# The products in `_cost` are exact while a cluster's count has at most 29 bits.
MAX_VALUES = 1 << 28


def intervals(ordered: NDArray[np.float32], ends: Bounds, clusters: int) -> tuple[Bounds, NDArray[np.float32]]:
    """The partition into `clusters` intervals with the smallest sum of squared errors, and the means.

    ordered: the finite values, ascending, at most 2**28. ends: (distinct + 1,): how many of them are among the d
        smallest distinct values; 1 <= clusters <= distinct.
    Returns bounds (clusters + 1,), cluster c holding the distinct values bounds[c] to bounds[c + 1] - 1, and the means
    (clusters,), rounded to float32. Deterministic. The error is the smallest but for the rounding of its float64 sum;
    what is below 2**-95 of the largest square is not seen.
    """
    if len(ordered) > MAX_VALUES:
        raise ValueError(f"got {len(ordered)} values, must be at most {MAX_VALUES}")
    # A power of two keeps every bit, and sums of squares of values up to 1 cannot overflow.
    x = ordered.astype(np.float64)
    bounds = _search(_moments(np.ldexp(x, -int(np.frexp(np.abs(x).max())[1])), ends), clusters)
    first = ends[bounds]
    means = np.add.reduceat(x, first[:-1]) / np.diff(first)
    return bounds, means.astype(np.float32)


def _search(moments: Moments, clusters: int) -> Bounds:
    """Narrow the edge of the hull of E(k), `few` to `many` clusters, above the wanted number."""
    distinct = len(moments) - 1
    few, many = np.array([0, distinct]), np.arange(distinct + 1)
    while len(few) <= clusters:
        penalty = (_error(moments, few) - _error(moments, many)) / (len(many) - len(few))
        found = _cheapest(moments, penalty)
        if not len(few) < len(found) < len(many):
            break
        if len(found) <= clusters + 1:
            few = found
        else:
            many = found
    return few if len(few) == clusters + 1 else _joined(few, many, clusters)


def _joined(few: Bounds, many: Bounds, clusters: int) -> Bounds:
    """A path of `clusters` steps: the start of `many`, then the end of `few`, joined where a step of `many` lies in
    the step of `few` that has `ahead` steps fewer before it.

    One is found because few[0] = 0 <= many[ahead] and few[-1] >= any bound. Both paths are shortest ones for the same
    penalty, and by the Monge property the two ways to cross over cost no more than the two paths did.
    """
    ahead = clusters + 1 - len(few)
    crossing = 1 + int(np.argmax(few[1:] >= many[1 + ahead : len(few) + ahead]))
    return np.concatenate([many[: crossing + ahead], few[crossing:]])


@njit(cache=True, nogil=True)
def _moments(x: Any, ends: Any) -> Any:
    """Row d: count, sum and sum of squares of the d smallest distinct values; each sum as float64 and its rest."""
    table = np.zeros((len(ends), 5))
    total, rest, squares, squares_rest = 0.0, 0.0, 0.0, 0.0
    for d in range(1, len(ends)):
        for i in range(ends[d - 1], ends[d]):
            total, lost = _two_sum(total, x[i])
            rest += lost
            # Exact: a float32 has 24 bits.
            squares, lost = _two_sum(squares, x[i] * x[i])
            squares_rest += lost
        table[d, 0], table[d, 1], table[d, 2] = ends[d], total, rest
        table[d, 3], table[d, 4] = squares, squares_rest
    return table


@njit(cache=True, nogil=True, inline="always")
def _two_sum(a: Any, b: Any) -> Any:
    """The rounded sum and what the rounding lost (Knuth)."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)


@njit(cache=True, nogil=True, inline="always")
def _cost(moments: Any, first: Any, end: Any) -> Any:
    """The sum of squared differences of the distinct values first to end - 1, repeated as they are, to their mean.

    Sum x^2 - (sum x)^2 / n cancels where values lie close together and far from zero. So the mean is taken as a
    float32 m plus a small rest: n * m and both halves of m * (n * m) are then exact in float64.
    """
    count = moments[end, 0] - moments[first, 0]
    total, lost = _two_sum(moments[end, 1], -moments[first, 1])
    lost += moments[end, 2] - moments[first, 2]
    squares, squares_lost = _two_sum(moments[end, 3], -moments[first, 3])
    squares_lost += moments[end, 4] - moments[first, 4]
    m = np.float64(np.float32(total / count))
    product = count * m
    high = np.float64(np.float32(product))
    rest = (total - product) + lost
    around_m = ((squares - m * high) - m * (product - high)) + (squares_lost - 2.0 * m * rest)
    return max(around_m - rest * rest / count, 0.0)


@njit(cache=True, nogil=True)
def _error(moments: Any, bounds: Any) -> Any:
    """The sum of the clusters' costs."""
    error = 0.0
    for c in range(len(bounds) - 1):
        error += _cost(moments, bounds[c], bounds[c + 1])
    return error


@njit(cache=True, nogil=True)
def _cheapest(moments: Any, penalty: Any) -> Any:
    """The bounds that make the sum of the clusters' costs and of a penalty for each the smallest.

    best[end] is that of the first `end` values. Monge: once a later start of the last cluster is the better one it
    stays so as the end grows. So the starts that win somewhere form a queue, `since` being the end from which each
    wins over those before it.
    """
    distinct = len(moments) - 1
    best = np.zeros(distinct + 1)
    start = np.zeros(distinct + 1, np.int64)
    queue = np.zeros(distinct + 1, np.int64)
    since = np.ones(distinct + 1, np.int64)
    head = tail = 0
    for end in range(1, distinct + 1):
        while head < tail and since[head + 1] <= end:
            head += 1
        start[end] = queue[head]
        best[end] = best[start[end]] + _cost(moments, start[end], end) + penalty
        while since[tail] > end and _wins(moments, best, end, queue[tail], since[tail]):
            tail -= 1
        first = _first_win(moments, best, end, queue[tail], max(since[tail], end))
        if first <= distinct:
            tail += 1
            queue[tail], since[tail] = end, first
    return _walked_back(start)


@njit(cache=True, nogil=True, inline="always")
def _wins(moments: Any, best: Any, later: Any, earlier: Any, end: Any) -> Any:
    """True where the last cluster up to `end` does better to start at `later`."""
    return best[later] + _cost(moments, later, end) < best[earlier] + _cost(moments, earlier, end)


@njit(cache=True, nogil=True)
def _first_win(moments: Any, best: Any, later: Any, earlier: Any, low: Any) -> Any:
    """The first end beyond `low` where `later` wins, `distinct` + 1 if none: steps that double, then bisection."""
    beyond = len(moments)
    step = 1
    high = min(low + 1, beyond)
    while high < beyond and not _wins(moments, best, later, earlier, high):
        low = high
        step *= 2
        high = min(high + step, beyond)
    while high - low > 1:
        middle = (low + high) // 2
        if _wins(moments, best, later, earlier, middle):
            high = middle
        else:
            low = middle
    return high


@njit(cache=True, nogil=True)
def _walked_back(start: Any) -> Any:
    """The bounds of the clusters whose starts are stored by their ends."""
    steps, end = 0, len(start) - 1
    while end > 0:
        steps, end = steps + 1, start[end]
    bounds = np.zeros(steps + 1, np.int64)
    end = len(start) - 1
    for step in range(steps, 0, -1):
        bounds[step], end = end, start[end]
    return bounds
