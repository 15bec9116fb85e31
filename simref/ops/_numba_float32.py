"""Scalar twins of simref.float32 for use inside compiled kernels; imported only where they run.

`fused` is an ordinary bool: the compiler takes the choice out of a loop in which it does not change, and such loops
become vector instructions as if there were no choice.
"""

from __future__ import annotations

from typing import Any

from numba import njit, types
from numba.extending import intrinsic


def _typed_fma(context: Any, a: Any, b: Any, c: Any) -> Any:
    """LLVM's fma: one instruction where the CPU has it, else the exact fmaf of the C library."""
    del context, a, b, c

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.fma(*arguments)

    return types.float32(types.float32, types.float32, types.float32), generate


_fused_multiply_add: Any = intrinsic(_typed_fma)


@njit(cache=True, nogil=True, inline="always")
def multiply_add(a: Any, b: Any, c: Any, fused: Any) -> Any:
    """float32.multiply_add of three float32."""
    return _fused_multiply_add(a, b, c) if fused else a * b + c
