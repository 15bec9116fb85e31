from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("ROUND")


def test_values() -> None:
    x = np.array([-1.5, -0.5, 0.5, 1.5, 2.5, 2.6, 1e9], np.float32)
    assert computed("ROUND", [x]).tolist() == [-2, 0, 0, 2, 2, 3, 1e9]
