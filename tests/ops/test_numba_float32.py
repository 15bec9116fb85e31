from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit

from simref import float32
from simref.ops import _numba_float32 as twins
from tests.float32_cases import Float32, arguments, assert_same_bits, power_cases, sum_cases


@njit
def multiply_add(a: Float32, b: Float32, c: Float32, fused: Any) -> Any:
    y = np.empty_like(a)
    for i in range(len(a)):
        y[i] = twins.multiply_add(a[i], b[i], c[i], fused)
    return y


@pytest.mark.parametrize("fused", [False, True])
def test_multiply_add(fused: bool) -> None:
    cases = sum_cases(100_000)
    assert_same_bits(multiply_add(*cases, fused), float32.multiply_add(*cases, fused))


@pytest.mark.parametrize("name", sorted(set(float32.__all__) - {"Float32", "multiply_add", "power"}))
def test_functions(name: str) -> None:
    function = getattr(twins, name)

    @njit
    def apply(x: Float32, fused: Any) -> Any:
        y = np.empty_like(x)
        for i in range(len(x)):
            y[i] = function(x[i], fused)
        return y

    x = arguments(300_000)
    for fused in (False, True):
        assert_same_bits(apply(x, fused), getattr(float32, name)(x, fused))


@njit
def power(x: Float32, y: Float32, fused: Any) -> Any:
    z = np.empty_like(x)
    for i in range(len(x)):
        z[i] = twins.power(x[i], y[i], fused)
    return z


@pytest.mark.parametrize("fused", [False, True])
def test_power(fused: bool) -> None:
    x, y = power_cases(100_000)
    assert_same_bits(power(x, y, fused), float32.power(x, y, fused))
