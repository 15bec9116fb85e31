from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("CEIL")


def test_values() -> None:
    x = np.array([-1.5, -0.5, 0.5, 2.5, 1e9], np.float32)
    assert computed("CEIL", [x]).tolist() == [-1, 0, 1, 3, 1e9]
