"""Every number that the functions and their C need; `python -m generator.float32_constants` writes the C header.

A polynomial's coefficients stand from the highest power to the lowest. They are minimax fits, found by reweighted least
squares and rounded to float32 one by one from the lowest power up, the others being fitted again each time.
tests/test_float32_constants.py computes the stated bounds again.
"""

from __future__ import annotations

import numpy as np


def _float(literal: str) -> np.float32:
    return np.float32(float.fromhex(literal))


def _polynomial(*literals: str) -> tuple[np.float32, ...]:
    return tuple(_float(literal) for literal in literals)


# Added and subtracted again, it rounds to an integer, which is in the low bits of the sum.
ROUND = _float("0x1.8p+23")
LOG2_E = _float("0x1.715476p+0")
# ln 2: 16 bits, whose product with an exponent is exact, and the rest.
LN2_HIGH = _float("0x1.62e4p-1")
LN2_LOW = _float("0x1.7f7d1cp-20")
# Of the largest float32 below sqrt(1/2).
SQRT_HALF_BITS = 0x3F3504F3
# exp(x) is 0 at the one and infinite at the other; expm1(x) is -1 at the third; tanh(x) is 1 at the fourth and erf(x)
# at the fifth.
EXP_LOWEST = np.float32(-104)
EXP_HIGHEST = np.float32(89)
EXPM1_LOWEST = np.float32(-18)
TANH_HIGHEST = np.float32(9.25)
ERF_HIGHEST = np.float32(4)
# Up to here a polynomial in x**2 gives tanh(x) and erf(x).
TANH_SMALL = np.float32(0.625)
ERF_SMALL = np.float32(1)

# (exp(x) - 1 - x) / x**2 for |x| <= ln(2) / 2; relative error of exp(x) - 1: 2**-26.
EXP_POLYNOMIAL = _polynomial("0x1.6b8d7ep-10", "0x1.1226b8p-7", "0x1.555700p-5", "0x1.5554b2p-3", "0x1.fffffep-2")
# (ln(1 + x) - x + x**2 / 2) / x**3 for sqrt(1/2) <= 1 + x <= sqrt(2); relative error of ln(1 + x): 2**-27.
LOG_POLYNOMIAL = _polynomial(
    *("-0x1.38c9fap-4", "0x1.0573b2p-3", "-0x1.0d8bfap-3", "0x1.22d710p-3"),
    *("-0x1.547164p-3", "0x1.99a028p-3", "-0x1.00022ap-2", "0x1.555554p-2"),
)
# (tanh(x) / x - 1) / x**2 as a polynomial in x**2 for |x| <= TANH_SMALL; relative error of tanh(x): 2**-27.
TANH_POLYNOMIAL = _polynomial("-0x1.750ce2p-8", "0x1.51f8cep-6", "-0x1.b835a4p-5", "0x1.1106f6p-3", "-0x1.555532p-2")
# erf(x) / x - 1 as a polynomial in x**2 for |x| <= ERF_SMALL; relative error of erf(x): 2**-29.
ERF_POLYNOMIAL = _polynomial(
    *("0x1.4771fcp-14", "-0x1.a3515ep-11", "0x1.53f224p-8", "-0x1.b7f71ap-6"),
    *("0x1.ce2ce6p-4", "-0x1.81273ep-2", "0x1.06eba8p-3"),
)
# ln(1 - erf(x)) / x for ERF_SMALL <= x <= ERF_HIGHEST; relative error of erf(x): 2**-31.
ERF_TAIL_POLYNOMIAL = _polynomial(
    *("-0x1.d45f70p-17", "0x1.6f9572p-12", "-0x1.ec7b30p-9", "0x1.896050p-6"),
    *("-0x1.b45960p-4", "-0x1.451ac0p-1", "-0x1.20f21cp+0"),
)
# (sin(x) / x - 1) / x**2 as a polynomial in x**2 for |x| <= pi / 4; relative error of sin(x): 2**-27.
SIN_POLYNOMIAL = _polynomial("-0x1.995400p-13", "0x1.110778p-7", "-0x1.555546p-3")
# (cos(x) - 1 + x**2 / 2) / x**4 as a polynomial in x**2 for |x| <= pi / 4; relative error of cos(x): 2**-32.
COS_POLYNOMIAL = _polynomial("0x1.99e910p-16", "-0x1.6c0c2ap-10", "0x1.55554ap-5")

# log2(1 + f) / f as a polynomial in f for sqrt(1/2) <= 1 + f <= sqrt(2), in units of 2**-36; relative error: 2**-37.
LOG2_POLYNOMIAL_Q36 = np.array(
    [
        *(-0x116C8BF0F, 0x21928EDF3, -0x2281D1B55, 0x2170DF0C2, -0x247C5B729, 0x2901B3634, -0x2E30D7431, 0x34C38A38B),
        *(-0x3D8DE8F49, 0x49DDAD22D, -0x5C551E13C, 0x7B1C277A0, -0xB8AA3B28F, 0x171547652B),
    ],
    np.int64,
)
# ln 2 in units of 2**-27.
LN2_Q27 = 0x58B90C0

PI_OVER_4 = _float("0x1.921fb6p-1")
# pi / 4 * 2**32, rounded down.
PI_OVER_4_BITS = 0xC90FDAA2
# 2 / pi in binary behind 32 zeros, 32 digits a word.
TWO_OVER_PI_WORDS = np.array(
    [0, 0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0, 0xDB629599, 0x3C439041, 0xFE5163AB], np.int64
)
