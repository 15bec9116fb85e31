"""Errors of the float32 functions against float64, in units of the last place; `python -m tests.float32_errors`
measures all 2**32 arguments of each (or of those named), compares the C with the reference on them, and writes the
rows of docs/float32.md.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simref.ops import _numba_float32 as twins
from tests.float32_cases import Float32, assert_same_bits

from .runtime_c.functions import OF_ONE, HostFunctions

PAGE = Path(__file__).resolve().parent.parent / "docs" / "float32.md"
Float64 = NDArray[np.float64]
_ROW = re.compile(r"^\| (\w+) \| ([0-9.]+) \| ([0-9.]+) \|$", re.MULTILINE)
_SLICE = 1 << 18


@njit(nogil=True, error_model="numpy")
def _erf(x: Any) -> Any:
    y = np.empty_like(x)
    for i in range(len(x)):
        y[i] = math.erf(x[i])
    return y


def _sigmoid(x: Float64) -> Float64:
    e = np.exp(-np.abs(x))
    return np.asarray(np.where(x < 0, e, 1.0) / (1 + e))


_EXACT: dict[str, Callable[[Float64], Float64]] = {
    **{name: getattr(np, name) for name in ("exp", "expm1", "log", "log1p", "tanh", "sqrt", "sin", "cos")},
    "sigmoid": _sigmoid,
    "erf": _erf,
    "rsqrt": lambda x: 1 / np.sqrt(x),
}


@njit(nogil=True, error_model="numpy")
def _largest_error(y: Any, exact: Any) -> Any:
    largest, limit = 0.0, 2.0**128
    for i in range(len(y)):
        bounded = min(max(exact[i], -limit), limit)
        exponent: Any = (np.float64(min(abs(bounded), limit / 2)).view(np.int64) >> 52) - 1023
        units: Any = np.int64((1023 + 23 - max(int(exponent), -126)) << 52).view(np.float64)
        error = abs(min(max(np.float64(y[i]), -limit), limit) - bounded) * units
        if np.isnan(exact[i]) or np.isnan(y[i]):
            error = 0.0 if np.isnan(exact[i]) and np.isnan(y[i]) else np.inf
        largest = max(largest, error)
    return largest


def largest_error(y: Float32, exact: Float64) -> float:
    """The largest |y - exact| in units of the last place that a float32 has there; inf where one alone is NaN.

    y, exact: of one dimension. What is larger than any float32 counts as 2**128.
    """
    return float(_largest_error(y, exact))


def exact(name: str, x: Float32) -> Float64:
    """The function in float64, whose own error is below a millionth ulp of float32."""
    with np.errstate(all="ignore"):
        return _EXACT[name](x.astype(np.float64))


def compiled(name: str) -> Callable[[Float32], tuple[Float32, Float32]]:
    """The Numba twin of a function, for arrays of one dimension: its results, separate and fused."""
    function = getattr(twins, name)

    @njit(nogil=True)
    def apply(x: Any) -> Any:
        separate, fused = np.empty_like(x), np.empty_like(x)
        for i in range(len(x)):
            separate[i] = function(x[i], False)
        for i in range(len(x)):
            fused[i] = function(x[i], True)
        return separate, fused

    return apply


def largest_errors(name: str) -> tuple[float, float]:
    """The largest errors over all arguments, separate and fused, in ulp; C on this machine must give the same bits."""
    apply, hosts = compiled(name), (HostFunctions(False), HostFunctions(True))

    def one(start: int) -> list[float]:
        x = np.arange(start, start + _SLICE, dtype=np.uint64).astype(np.uint32).view(np.float32)
        truth, results = exact(name, x), apply(x)
        for host, y in zip(hosts, results, strict=True):
            assert_same_bits(host.apply(name, [x]), y)
        return [largest_error(y, truth) for y in results]

    with ThreadPoolExecutor() as pool:
        separate, fused = np.max(list(pool.map(one, range(0, 1 << 32, _SLICE))), axis=0)
    return float(separate), float(fused)


def stated_errors() -> dict[str, tuple[float, float]]:
    """What the page states: the largest error of each function, separate and fused, in ulp."""
    return {name: (float(separate), float(fused)) for name, separate, fused in _ROW.findall(PAGE.read_text("utf-8"))}


def _state(name: str) -> None:
    # Rounded up, so that the statement holds.
    cells = [f"{math.ceil(error * 1000) / 1000:.3f}" for error in largest_errors(name)]
    row = f"| {name} | {' | '.join(cells)} |"
    print(row, flush=True)
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_ROW.sub(lambda found: row if found[1] == name else found[0], text), encoding="utf-8")


if __name__ == "__main__":
    for function in sys.argv[1:] or OF_ONE:
        _state(function)
