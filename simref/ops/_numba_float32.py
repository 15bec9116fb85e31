"""Scalar twins of simref.float32 for use inside compiled kernels; imported only where they run.

The functions are the very lines of simref.float32, compiled for scalars: only the steps they are written with are
given here again. `fused` is an ordinary bool: the compiler takes the choice out of a loop in which it does not change,
and such loops become vector instructions as if there were no choice. None is cached on its own: a kernel's cached code
holds the functions it calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, overload

from simref.float32 import _elementwise, _erf, _exponential, _logarithm, _power, _roots, _sigmoidal, _sum, _trigonometry

# Division by zero gives infinity. Small functions are part of the loop that calls them, or it could not be vectorized.
_OPTIONS: Any = {"error_model": "numpy", "forceinline": True}
_compiled: Any = njit(nogil=True, **_OPTIONS)


def _instruction(result: Any, operands: tuple[Any, ...], build: Callable[..., Any]) -> Any:
    """A function of typed scalars that LLVM's builder makes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return build(builder, *arguments)

    def unary(context: Any, x: Any) -> Any:
        del context, x
        return result(*operands), generate

    def ternary(context: Any, a: Any, b: Any, c: Any) -> Any:
        del context, a, b, c
        return result(*operands), generate

    return intrinsic({1: unary, 3: ternary}[len(operands)])


_F32, _I32, _I64 = types.float32, types.int32, types.int64
# One instruction where the CPU has it, else the exact fmaf of the C library.
_fma = _instruction(_F32, (_F32, _F32, _F32), lambda builder, *operands: builder.fma(*operands))
_bits_of = _instruction(_I32, (_F32,), lambda builder, x: builder.bitcast(x, ir.IntType(32)))
_float_of = _instruction(_F32, (_I32,), lambda builder, bits: builder.bitcast(bits, ir.FloatType()))
# Rounded once; np.float32(n) would go through float64.
_to_float = _instruction(_F32, (_I64,), lambda builder, n: builder.sitofp(n, ir.FloatType()))
_leading_zeros = _instruction(_I64, (_I64,), lambda builder, n: builder.ctlz(n, ir.Constant(ir.IntType(1), 0)))


def _multiply_add(a: Any, b: Any, c: Any, fused: Any) -> Any:
    """float32.multiply_add of three float32."""
    return _fma(a, b, c) if fused else a * b + c


def _compile(function: Any, implementation: Any) -> None:
    """Let compiled code that calls `function` call `implementation`, compiled."""
    overload(function, strict=False, jit_options=_OPTIONS)(lambda *_: implementation)


multiply_add = _compiled(_multiply_add)
_compile(_sum.multiply_add, _multiply_add)
_compile(_elementwise.bits_of, lambda x: _bits_of(x))  # noqa: PLW0108  (only Python can be compiled)
_compile(_elementwise.float_of, lambda bits: _float_of(np.int32(bits)))
_compile(_elementwise.to_float, lambda n: _to_float(np.int64(n)))
_compile(_elementwise.to_int64, lambda n: np.int64(n))  # noqa: PLW0108
_compile(_elementwise.select, lambda condition, yes, no: yes if condition else no)
_compile(_elementwise.square_root, lambda x: np.sqrt(x))  # noqa: PLW0108
_compile(_elementwise.leading_zeros, lambda n: _leading_zeros(n))  # noqa: PLW0108


@overload(_sum.polynomial, strict=False, jit_options=_OPTIONS)
def _polynomial(x: Any, coefficients: Any, fused: Any) -> Any:
    """Without a loop, which would keep the caller's from being vectorized."""
    del x, fused
    if len(coefficients) == 2:
        return lambda x, coefficients, fused: multiply_add(x, coefficients[0], coefficients[1], fused)
    return lambda x, coefficients, fused: multiply_add(
        _sum.polynomial(x, coefficients[:-1], fused), x, coefficients[-1], fused
    )


for _function in (
    *(_elementwise.copy_sign, _exponential.power_of_two, _exponential.scaled, _exponential._parts),
    *(_exponential.expm1_near_0, _exponential.exp_and_rest, _exponential.exp, _logarithm._log, _logarithm._at_the_ends),
    *(_power._log2, _power._exponent, _power._kind),
    *(_trigonometry._of_quadrant, _trigonometry._reduced, _trigonometry._quarters, _trigonometry._digits),
):
    _compile(_function, _function)

exp = _compiled(_exponential.exp)
expm1 = _compiled(_exponential.expm1)
log = _compiled(_logarithm.log)
log1p = _compiled(_logarithm.log1p)
power = _compiled(_power.power)
sigmoid = _compiled(_sigmoidal.sigmoid)
tanh = _compiled(_sigmoidal.tanh)
erf = _compiled(_erf.erf)
sqrt = _compiled(_roots.sqrt)
rsqrt = _compiled(_roots.rsqrt)
sin = _compiled(_trigonometry.sin)
cos = _compiled(_trigonometry.cos)
