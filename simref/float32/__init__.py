"""float32 arithmetic with one result on every machine: the sum of a product, and the functions built on it.

Two variants exist, chosen by `fused`. True: a core with a floating-point unit, where a product is added exactly and
the sum is rounded once (fused multiply-add). False: a core that computes floats in software, where the product is
rounded, then the sum. All functions are elementwise over NumPy arrays of float32; their errors are in units of the
result's last place (ulp), the largest of all 2**32 arguments, fused and separate. A NaN's sign and payload are not
defined: machines differ.

A function is written once, for arrays: simref.ops._numba_float32 compiles the same lines for scalars, and the C in
runtime_c repeats them with branches.
"""

from __future__ import annotations

from . import _erf, _exponential, _logarithm, _power, _roots, _sigmoidal, _trigonometry
from ._elementwise import Float32, elementwise, elementwise_of_two
from ._sum import multiply_add

__all__ = [
    "Float32",
    "cos",
    "erf",
    "exp",
    "expm1",
    "log",
    "log1p",
    "multiply_add",
    "power",
    "rsqrt",
    "sigmoid",
    "sin",
    "sqrt",
    "tanh",
]

exp = elementwise(_exponential.exp)
expm1 = elementwise(_exponential.expm1)
log = elementwise(_logarithm.log)
log1p = elementwise(_logarithm.log1p)
power = elementwise_of_two(_power.power)
sigmoid = elementwise(_sigmoidal.sigmoid)
tanh = elementwise(_sigmoidal.tanh)
erf = elementwise(_erf.erf)
sqrt = elementwise(_roots.sqrt)
rsqrt = elementwise(_roots.rsqrt)
sin = elementwise(_trigonometry.sin)
cos = elementwise(_trigonometry.cos)
