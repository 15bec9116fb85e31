from __future__ import annotations

import numpy as np
import pytest

from simref.graph import Graph
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("ABS", dtypes=("float32", "int32"))


def test_values() -> None:
    x = np.array([-1.5, 0, 2, -np.inf], np.float32)
    assert computed("ABS", [x]).tolist() == [1.5, 0, 2, np.inf]


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_the_smallest_integer(dtype: str) -> None:
    low = int(np.iinfo(dtype).min)
    assert computed("ABS", [np.array([low], dtype)]).tolist() == [low]
