from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit

from simref import float32
from simref.ops import _numba_float32 as twins
from tests.float32_cases import Float32, assert_same_bits, sum_cases


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
