from __future__ import annotations

import numpy as np
import pytest

from simref.graph import Graph
from tests.ops.number_cases import all_pairs, computed, samples_of


def samples() -> list[Graph]:
    return samples_of("FMOD", dtypes=("float32", "int32"), operands=2)


@pytest.mark.parametrize("dtype", ["float32", "int32", "int64"])
def test_the_result_has_the_dividends_sign(dtype: str) -> None:
    a, b = (np.array(row, dtype) for row in ([7, -7, 7, -7, 6, -6], [4, 4, -4, -4, 3, 3]))
    assert computed("FMOD", [a, b]).tolist() == [3, -3, 3, -3, 0, 0]


def test_floats_are_exact() -> None:
    a, b = all_pairs("float32")
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(computed("FMOD", [a, b]), np.fmod(a.astype(np.float64), b).astype(np.float32))
