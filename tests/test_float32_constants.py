"""Every constant of the float32 functions against what it stands for."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simref.float32 import constants
from simref.float32.constants import EXP_HIGHEST, EXP_LOWEST, EXPM1_LOWEST, LN2_HIGH, LN2_LOW, LOG2_E

Float64 = NDArray[np.float64]
HALF_LN2 = math.log(2) / 2


def polynomial(coefficients: Any, x: Float64) -> Float64:
    return np.asarray(np.polyval(np.asarray(coefficients, np.float64), x), np.float64)


def erf(x: Float64) -> Float64:
    return np.array([math.erf(value) for value in x])


def exp_minus_1(x: Float64) -> Float64:
    return x + x * x * polynomial(constants.EXP_POLYNOMIAL, x)


def log_of_1_plus(x: Float64) -> Float64:
    return x - x * x / 2 + x**3 * polynomial(constants.LOG_POLYNOMIAL, x)


def tanh_of_small(x: Float64) -> Float64:
    return x + x**3 * polynomial(constants.TANH_POLYNOMIAL, x * x)


def erf_of_small(x: Float64) -> Float64:
    return x + x * polynomial(constants.ERF_POLYNOMIAL, x * x)


def erf_of_large(x: Float64) -> Float64:
    return -np.expm1(x * polynomial(constants.ERF_TAIL_POLYNOMIAL, x))


def sine(x: Float64) -> Float64:
    return x + x**3 * polynomial(constants.SIN_POLYNOMIAL, x * x)


def cosine(x: Float64) -> Float64:
    return 1 - x * x / 2 + x**4 * polynomial(constants.COS_POLYNOMIAL, x * x)


def log2_of_1_plus(x: Float64) -> Float64:
    return x * polynomial(constants.LOG2_POLYNOMIAL_Q36 / 2.0**36, x)


def exact_log2_of_1_plus(x: Float64) -> Float64:
    return np.log1p(x) / math.log(2)


POLYNOMIALS: list[tuple[Callable[[Float64], Float64], Callable[[Float64], Float64], float, float, int]] = [
    (exp_minus_1, np.expm1, -HALF_LN2, HALF_LN2, -26),
    (log_of_1_plus, np.log1p, math.sqrt(0.5) - 1, math.sqrt(2) - 1, -27),
    (tanh_of_small, np.tanh, 0, float(constants.TANH_SMALL), -27),
    (erf_of_small, erf, 0, float(constants.ERF_SMALL), -29),
    (erf_of_large, erf, float(constants.ERF_SMALL), float(constants.ERF_HIGHEST), -31),
    (sine, np.sin, 0, math.pi / 4, -27),
    (cosine, np.cos, 0, math.pi / 4, -32),
    (log2_of_1_plus, exact_log2_of_1_plus, math.sqrt(0.5) - 1, math.sqrt(2) - 1, -37),
]


@pytest.mark.parametrize(("approximate", "exact", "low", "high", "exponent"), POLYNOMIALS)
def test_relative_errors_of_the_polynomials_are_as_stated(
    approximate: Callable[[Float64], Float64],
    exact: Callable[[Float64], Float64],
    low: float,
    high: float,
    exponent: int,
) -> None:
    x = np.linspace(low, high, 20_001)
    x = x[x != 0]
    error = np.max(np.abs(approximate(x) / exact(x) - 1))
    # The stated power of two is a bound, and no power of two below it is one.
    assert 2.0 ** (exponent - 1) < error <= 2.0**exponent


def test_parts_of_ln_2() -> None:
    assert math.floor(math.log(2) * 2**16) / 2**16 == LN2_HIGH
    assert np.float32(math.log(2) - float(LN2_HIGH)) == LN2_LOW
    assert np.float32(1 / math.log(2)) == LOG2_E
    assert round(math.log(2) * 2**27) == constants.LN2_Q27


def test_the_square_root_of_a_half() -> None:
    below = np.array(constants.SQRT_HALF_BITS, np.uint32).view(np.float32)
    assert float(below) ** 2 < 0.5 < float(np.nextafter(below, np.float32(1))) ** 2


def test_where_the_functions_end() -> None:
    assert np.float32(math.exp(EXP_LOWEST)) == 0
    assert math.exp(EXP_HIGHEST) > 2.0**128
    assert np.float32(math.expm1(EXPM1_LOWEST)) == -1
    assert np.float32(math.tanh(constants.TANH_HIGHEST)) == 1
    assert np.float32(math.erf(constants.ERF_HIGHEST)) == 1


def arctangent_of_inverse(n: int, unit: int) -> int:
    """arctan(1 / n) in units of 1 / unit, by its power series."""
    term, total, k = unit // n, 0, 1
    while term:
        total += (term if k % 4 == 1 else -term) // k
        term, k = term // (n * n), k + 2
    return total


def test_digits_of_pi() -> None:
    """Machin: pi / 4 = 4 arctan(1 / 5) - arctan(1 / 239)."""
    unit = 1 << 400
    quarter = Fraction(4 * arctangent_of_inverse(5, unit) - arctangent_of_inverse(239, unit), unit)
    words = constants.TWO_OVER_PI_WORDS
    digits = math.floor(Fraction(1, 2) / quarter * 2 ** (32 * (len(words) - 1)))
    assert [int(word) for word in words] == [(digits >> (32 * k)) & 0xFFFF_FFFF for k in range(len(words) - 1, -1, -1)]
    assert math.floor(quarter * 2**32) == constants.PI_OVER_4_BITS
    assert np.float32(float(quarter)) == constants.PI_OVER_4
