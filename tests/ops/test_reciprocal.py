from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("RECIPROCAL")


def test_values() -> None:
    x = np.array([-2, 0.5, 0, np.inf], np.float32)
    assert computed("RECIPROCAL", [x]).tolist() == [-0.5, 2, np.inf, 0]
