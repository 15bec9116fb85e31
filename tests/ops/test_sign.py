from __future__ import annotations

import numpy as np
import pytest

from simref.graph import Graph
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("SIGN", dtypes=("float32", "int32"))


def test_values() -> None:
    x = np.array([-1.5, -0.0, 0, 2, np.inf], np.float32)
    assert computed("SIGN", [x]).tolist() == [-1, 0, 0, 1, 1]


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_the_smallest_integer(dtype: str) -> None:
    low = int(np.iinfo(dtype).min)
    assert computed("SIGN", [np.array([low], dtype)]).tolist() == [-1]
