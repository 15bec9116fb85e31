from __future__ import annotations

import numpy as np
import pytest

from simref.graph import Graph
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("GREATER_EQUAL", output="bool", dtypes=("float32", "int32"), operands=2)


@pytest.mark.parametrize("dtype", ["float32", "int32", "int64"])
def test_compares(dtype: str) -> None:
    a, b = np.array([-1, 0, 1], dtype), np.zeros(3, dtype)
    assert computed("GREATER_EQUAL", [a, b], output="bool").tolist() == [False, True, True]


def test_nan_is_unordered() -> None:
    a = np.array([np.nan], np.float32)
    assert computed("GREATER_EQUAL", [a, a], output="bool").tolist() == [False]
