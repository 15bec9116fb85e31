"""The double-precision instructions of the FPU, which Unicorn's M-profile cores refuse: executed here.

Encodings and semantics: Armv7-M ARM DDI0403 chapters A6 and A7.7, floating-point data processing, Armv8-M ARM
DDI0553 the same. Rounding is to nearest, ties to even, the mode after reset.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from unicorn import arm_const

_D0, _S0 = arm_const.UC_ARM_REG_D0, arm_const.UC_ARM_REG_S0
_FLAGS = 0xF000_0000
_LESS, _EQUAL, _GREATER, _UNORDERED = (flags << 28 for flags in (0b1000, 0b0110, 0b0010, 0b0011))
_IT_HIGH, _IT_LOW = 0x0000_FC00, 0x0600_0000  # where CPSR keeps ITSTATE[7:2] and ITSTATE[1:0]


def execute(engine: Any, encoding: int) -> bool:
    """Execute one 32-bit encoding (first halfword on top) and advance the IT state; False: not one of these."""
    if encoding >> 24 != 0xEE or encoding >> 9 & 7 != 0b101 or encoding & 0x10:
        return False
    double, extension = bool(encoding & 0x100), encoding >> 20 & 0b1011
    with np.errstate(all="ignore"):
        done = (_convert_or_move if extension == 0b1011 else _arithmetic)(engine, encoding, double)
    if done:
        _advance_it(engine)
    return done


def _arithmetic(engine: Any, encoding: int, double: bool) -> bool:
    operation = (encoding >> 20 & 0b1011, encoding >> 6 & 1)
    if not double or operation not in _ARITHMETIC:
        return False
    d, n, m = _double_numbers(encoding)
    result = _ARITHMETIC[operation](_read(engine, d), _read(engine, n), _read(engine, m))
    _write(engine, d, result)
    return True


def _double_numbers(encoding: int) -> tuple[int, int, int]:
    """Registers d, n, m."""
    d = encoding >> 18 & 0x10 | encoding >> 12 & 15
    n = encoding >> 3 & 0x10 | encoding >> 16 & 15
    return d, n, encoding >> 1 & 0x10 | encoding & 15


def _fused(a: float, n: float, m: float) -> float:
    """a + n * m, rounded once."""
    if not all(map(math.isfinite, (a, n, m))):
        return float(np.float64(n) * np.float64(m) + np.float64(a))
    exact = Fraction(a) + Fraction(n) * Fraction(m)
    if exact == 0:
        return n * m + a  # keeps the sign of zero
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def _product(n: float, m: float) -> float:
    return float(np.float64(n) * np.float64(m))


def _sum(a: float, b: float) -> float:
    return float(np.float64(a) + np.float64(b))


def _quotient(n: float, m: float) -> float:
    return float(np.float64(n) / np.float64(m))


# (bits 23, 21, 20; bit 6) -> result from old d, n and m
_ARITHMETIC: dict[tuple[int, int], Callable[[float, float, float], float]] = {
    (0b0000, 0): lambda d, n, m: _sum(d, _product(n, m)),
    (0b0000, 1): lambda d, n, m: _sum(d, -_product(n, m)),
    (0b0001, 0): lambda d, n, m: _sum(-d, _product(n, m)),
    (0b0001, 1): lambda d, n, m: _sum(-d, -_product(n, m)),
    (0b0010, 0): lambda d, n, m: _product(n, m),
    (0b0010, 1): lambda d, n, m: -_product(n, m),
    (0b0011, 0): lambda d, n, m: _sum(n, m),
    (0b0011, 1): lambda d, n, m: _sum(n, -m),
    (0b1000, 0): lambda d, n, m: _quotient(n, m),
    (0b1001, 0): lambda d, n, m: _fused(-d, n, m),
    (0b1001, 1): lambda d, n, m: _fused(-d, -n, m),
    (0b1010, 0): _fused,
    (0b1010, 1): lambda d, n, m: _fused(d, -n, m),
}


def _convert_or_move(engine: Any, encoding: int, double: bool) -> bool:
    """Immediate, move, absolute, negate, root, compare, convert: told apart by bits 19 to 16 and 7 to 6."""
    d, _, m = _double_numbers(encoding)
    which, low = encoding >> 16 & 15, encoding >> 6 & 3
    if which == 0b0111 and low == 0b11:
        return _change_precision(engine, encoding, double)
    if not double:
        return False
    if not low & 1:
        _write(engine, d, _immediate(which << 4 | encoding & 15))
    elif which in (0, 1):
        _write(engine, d, _UNARY[which, low](_read(engine, m)))
    elif which in (4, 5):
        _compare(engine, _read(engine, d), 0.0 if which == 5 else _read(engine, m))
    elif which == 8:
        bits = int(engine.reg_read(_S0 + (encoding << 1 & 0x1E | encoding >> 5 & 1)))
        _write(engine, d, float(bits - (1 << 32) if low & 2 and bits >> 31 else bits))
    elif which in (12, 13):
        value = _to_integer(_read(engine, m), signed=which == 13, truncate=bool(low & 2))
        engine.reg_write(_S0 + _single_destination(encoding), value & 0xFFFF_FFFF)
    else:
        return False
    return True


# (bits 19 to 16, bits 7 to 6) -> result from m
_UNARY: dict[tuple[int, int], Callable[[float], float]] = {
    (0, 0b01): lambda m: m,
    (0, 0b11): lambda m: math.copysign(m, 1.0),
    (1, 0b01): lambda m: -m,
    (1, 0b11): lambda m: float(np.sqrt(np.float64(m))),
}


def _single_destination(encoding: int) -> int:
    return encoding >> 11 & 0x1E | encoding >> 22 & 1


def _change_precision(engine: Any, encoding: int, from_double: bool) -> bool:
    d, _, m = _double_numbers(encoding)
    if from_double:
        bits = int(np.float32(_read(engine, m)).view(np.uint32))
        engine.reg_write(_S0 + _single_destination(encoding), bits)
    else:
        source = int(engine.reg_read(_S0 + (encoding << 1 & 0x1E | encoding >> 5 & 1)))
        _write(engine, d, float(np.uint32(source).view(np.float32)))
    return True


def _immediate(byte: int) -> float:
    """VFPExpandImm: sign, three exponent bits, four fraction bits."""
    exponent = (byte >> 4 & 7 ^ 4) - 3
    return math.ldexp(16 + (byte & 15), exponent - 4) * (-1 if byte & 0x80 else 1)


def _to_integer(value: float, signed: bool, truncate: bool) -> int:
    """Saturating; NaN becomes 0."""
    low, high = (-(1 << 31), (1 << 31) - 1) if signed else (0, (1 << 32) - 1)
    if math.isnan(value):
        return 0
    if math.isinf(value):
        return high if value > 0 else low
    return min(max(math.trunc(value) if truncate else round(value), low), high)


def _compare(engine: Any, n: float, m: float) -> None:
    flags = _UNORDERED if math.isnan(n) or math.isnan(m) else _EQUAL if n == m else _LESS if n < m else _GREATER
    status = int(engine.reg_read(arm_const.UC_ARM_REG_FPSCR))
    engine.reg_write(arm_const.UC_ARM_REG_FPSCR, status & ~_FLAGS | flags)


def _advance_it(engine: Any) -> None:
    """Step ITSTATE as the instruction itself would have."""
    status = int(engine.reg_read(arm_const.UC_ARM_REG_CPSR))
    state = (status & _IT_HIGH) >> 8 | (status & _IT_LOW) >> 25
    if state:
        state = state & 0xE0 | state << 1 & 0x1F if state & 7 else 0
        status = status & ~(_IT_HIGH | _IT_LOW) | (state & 0xFC) << 8 | (state & 3) << 25
        engine.reg_write(arm_const.UC_ARM_REG_CPSR, status)


def _read(engine: Any, number: int) -> float:
    return float(np.uint64(engine.reg_read(_D0 + number)).view(np.float64))


def _write(engine: Any, number: int, value: float) -> None:
    engine.reg_write(_D0 + number, int(np.float64(value).view(np.uint64)))
