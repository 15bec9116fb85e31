from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("TRUNC")


def test_values() -> None:
    x = np.array([-1.5, -0.5, 0.5, 2.5, 1e9], np.float32)
    assert computed("TRUNC", [x]).tolist() == [-1, 0, 0, 2, 1e9]
