from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("SQUARED_DIFFERENCE", dtypes=("float32", "int32"), operands=2)


def test_squares_the_difference() -> None:
    a, b = (np.array(row, np.float32) for row in ([1, -2, 0.5], [3, 2, 0.25]))
    assert computed("SQUARED_DIFFERENCE", [a, b]).tolist() == [4, 16, 0.0625]


def test_integers_wrap() -> None:
    a, b = (np.array([value], np.int32) for value in (2**31 - 1, -2))
    assert computed("SQUARED_DIFFERENCE", [a, b]).tolist() == [(2**31 + 1) ** 2 % 2**32]
