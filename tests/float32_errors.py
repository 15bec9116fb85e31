"""Errors of the float32 functions against float64, in units of the last place; `python -m tests.float32_errors`
measures all 2**32 arguments of each, compares the C with the reference on them, and writes docs/float32.md.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from simref.ops import _numba_float32 as twins
from tests.float32_cases import Float32, assert_same_bits

from .runtime_c.functions import OF_ONE, HostFunctions

PAGE = Path(__file__).resolve().parent.parent / "docs" / "float32.md"
_SLICE = 1 << 18


def _sigmoid(x: Any) -> Any:
    e = np.exp(-abs(x))
    return (1.0 if x >= 0 else e) / (1 + e)


_EXACT: dict[str, Callable[[Any], Any]] = {
    **{name: getattr(np, name) for name in ("exp", "expm1", "log", "log1p", "tanh", "sqrt", "sin", "cos")},
    "sigmoid": njit(nogil=True, error_model="numpy")(_sigmoid),
    "erf": math.erf,
    "rsqrt": njit(nogil=True, error_model="numpy")(lambda x: 1 / np.sqrt(x)),
}


@njit(nogil=True, error_model="numpy")
def _error(y: Any, exact: Any) -> Any:
    """|y - exact| in units of the last place that a float32 has beside `exact`; what overflows counts as 2**128."""
    if np.isnan(exact) or np.isnan(y):
        return 0.0 if np.isnan(exact) and np.isnan(y) else np.inf
    largest = 2.0**128
    bounded = min(max(exact, -largest), largest)
    exponent: Any = (np.float64(min(abs(bounded), largest / 2)).view(np.int64) >> 52) - 1023
    units: Any = np.int64((1023 + 23 - max(int(exponent), -126)) << 52).view(np.float64)
    return abs(min(max(np.float64(y), -largest), largest) - bounded) * units


def measured(name: str) -> Callable[[Float32], tuple[Float32, Float32, float, float]]:
    """A function that gives a function's results, separate and fused, and the largest error of either in ulp."""
    function, exact = getattr(twins, name), _EXACT[name]

    @njit(nogil=True, error_model="numpy")
    def measure(x: Any) -> Any:
        separate, fused = np.empty_like(x), np.empty_like(x)
        for i in range(len(x)):
            separate[i], fused[i] = function(x[i], False), function(x[i], True)
        error_separate, error_fused = 0.0, 0.0
        for i in range(len(x)):
            y = exact(np.float64(x[i]))
            error_separate = max(error_separate, _error(separate[i], y))
            error_fused = max(error_fused, _error(fused[i], y))
        return separate, fused, error_separate, error_fused

    return measure


def largest_errors(name: str) -> tuple[float, float]:
    """The largest errors over all arguments, separate and fused, in ulp; C on this machine must give the same bits."""
    measure, hosts = measured(name), (HostFunctions(False), HostFunctions(True))

    def one(start: int) -> tuple[float, float]:
        x = np.arange(start, start + _SLICE, dtype=np.uint64).astype(np.uint32).view(np.float32)
        separate, fused, *errors = measure(x)
        for host, y in zip(hosts, (separate, fused), strict=True):
            assert_same_bits(host.apply(name, [x]), y)
        return errors[0], errors[1]

    with ThreadPoolExecutor() as pool:
        return tuple(map(max, zip(*pool.map(one, range(0, 1 << 32, _SLICE)), strict=True)))


_INTRODUCTION = """\
# float32 functions

Written by `make ulps`, which takes every function of all 2**32 arguments in both variants: it compares the C on this
machine with the reference in every bit, and the result with the exact one, which is the C library's in float64.

The error is the distance to the exact result in units of the last place (ulp) of the float32 nearest to it; a correctly
rounded function has 0.5. Fused: cores with a floating-point unit, where the sum of a product is rounded once. Separate:
cores that compute floats in software, where the product is rounded, too.

| function | largest error, separate | fused |
|---|---|---|
"""


def _row(name: str) -> str:
    # Rounded up, so that the statement holds.
    cells = [f"{math.ceil(error * 1000) / 1000:.3f}" for error in largest_errors(name)]
    print(name, *cells, flush=True)
    return f"| {name} | {' | '.join(cells)} |\n"


def stated_errors() -> dict[str, tuple[float, float]]:
    """What the page states: the largest error of each function, separate and fused, in ulp."""
    rows = [line.split("|")[1:4] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return {name.strip(): (float(separate), float(fused)) for name, separate, fused in rows[1:]}


if __name__ == "__main__":
    names = sys.argv[1:] or OF_ONE
    PAGE.write_text(_INTRODUCTION + "".join(map(_row, names)), encoding="utf-8")
