from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("PRELU", operands=2)


def test_alpha_broadcasts() -> None:
    x, alpha = np.array([[-1, 2], [-3, -4]], np.float32), np.array([0.5, 0.25], np.float32)
    assert computed("PRELU", [x, alpha]).tolist() == [[-0.5, 2], [-1.5, -1]]
