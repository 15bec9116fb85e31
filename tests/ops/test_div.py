from __future__ import annotations

import numpy as np
import pytest

from simref.graph import Graph
from tests.ops.number_cases import NONE, all_pairs, computed, samples_of


def samples() -> list[Graph]:
    return samples_of("DIV", NONE, dtypes=("float32", "int32"), operands=2)


def test_floats_are_rounded_once() -> None:
    a, b = all_pairs("float32")
    with np.errstate(all="ignore"):
        expected = (a.astype(np.float64) / b).astype(np.float32)
    np.testing.assert_array_equal(computed("DIV", [a, b], NONE), expected)


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_integers_are_rounded_towards_zero_and_wrap(dtype: str) -> None:
    low = np.iinfo(dtype).min
    a, b = (np.array(row, dtype) for row in ([7, -7, 7, -7, 0, 5, low, low], [2, 2, -2, -2, 3, 0, -1, 1]))
    assert computed("DIV", [a, b], NONE).tolist() == [3, -3, -3, 3, 0, 0, low, low]
