from __future__ import annotations

import numpy as np
import pytest

from simref.graph import Graph
from tests.executions import check_executions
from tests.ops.number_cases import all_pairs, computed, graph_of, samples_of


def samples() -> list[Graph]:
    return samples_of("POW", dtypes=("float32", "int32", "int64"), operands=2)


def test_formula() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0.1, 5, 5000).astype(np.float32), rng.uniform(-20, 20, 5000).astype(np.float32)
    expected = a.astype(np.float64) ** b
    np.testing.assert_allclose(computed("POW", [a, b]), expected, rtol=3e-7)


def test_negative_bases_take_integer_exponents() -> None:
    a, b = np.array([-2, -2, -2, -1], np.float32), np.array([3, -2, 0.5, 0], np.float32)
    np.testing.assert_array_equal(computed("POW", [a, b]), np.array([-8, 0.25, np.nan, 1], np.float32))


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_integers_are_exact_and_wrap(dtype: str) -> None:
    a, b = all_pairs(dtype)
    b = np.where(np.arange(b.size) % 2, b, b % 70).astype(dtype)
    check_executions(graph_of([("POW", None, None)], [(a.shape, dtype), (b.shape, dtype)]), [a[None], b[None]])
    bits = np.iinfo(dtype).bits
    for base, exponent, found in zip(a.tolist(), b.tolist(), computed("POW", [a, b]).tolist(), strict=True):
        if exponent >= 0:
            assert found % 2**bits == pow(base, exponent, 2**bits)
        else:
            assert found == (base ** (exponent % 2) if abs(base) == 1 else 0)
