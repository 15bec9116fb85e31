from __future__ import annotations

import numpy as np
import pytest

from simref.graph import Graph
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("FLOOR_DIV", dtypes=("float32", "int32"), operands=2)


def test_floats_are_the_floor_of_the_rounded_quotient() -> None:
    a, b = (np.array(row, np.float32) for row in ([7, -7, 1, 0.3, -0.3], [2, 2, 0, 0.1, 0.1]))
    assert computed("FLOOR_DIV", [a, b]).tolist() == [3, -4, np.inf, 3, -3]


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_integers_are_rounded_downwards(dtype: str) -> None:
    low = np.iinfo(dtype).min
    a, b = (np.array(row, dtype) for row in ([7, -7, 7, -7, 0, 5, low], [2, 2, -2, -2, 3, 0, -1]))
    assert computed("FLOOR_DIV", [a, b]).tolist() == [3, -4, -4, 3, 0, 0, low]
