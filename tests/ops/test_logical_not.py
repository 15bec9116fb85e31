from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("LOGICAL_NOT", dtypes=("bool",))


def test_values() -> None:
    assert computed("LOGICAL_NOT", [np.array([False, True])]).tolist() == [True, False]
