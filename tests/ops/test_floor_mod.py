from __future__ import annotations

import numpy as np
import pytest

from simref.graph import Graph
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("FLOOR_MOD", dtypes=("float32", "int32"), operands=2)


@pytest.mark.parametrize("dtype", ["float32", "int32", "int64"])
def test_the_result_has_the_divisors_sign(dtype: str) -> None:
    a, b = (np.array(row, dtype) for row in ([7, -7, 7, -7, 6, -6], [4, 4, -4, -4, 3, 3]))
    assert computed("FLOOR_MOD", [a, b]).tolist() == [3, 1, -1, -3, 0, 0]


def test_zero_divides_integers_to_zero() -> None:
    assert computed("FLOOR_MOD", [np.array([5], np.int32), np.array([0], np.int32)]).tolist() == [0]
