from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("LOGICAL_OR", dtypes=("bool",), operands=2)


def test_table_of_truth() -> None:
    a, b = np.array([False, False, True, True]), np.array([False, True, False, True])
    assert computed("LOGICAL_OR", [a, b]).tolist() == [False, True, True, True]
