from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("SQUARE")


def test_values() -> None:
    x = np.array([-1.5, 0, 3], np.float32)
    assert computed("SQUARE", [x]).tolist() == [2.25, 0, 9]
