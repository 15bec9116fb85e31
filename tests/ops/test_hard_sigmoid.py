from __future__ import annotations

import numpy as np

from simref.graph import Graph
from simref.ops.hard_sigmoid import Attributes
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("HARD_SIGMOID", Attributes(0.2, 0.5))


def test_formula() -> None:
    x = np.array([-10, -1, 0, 1, 10], np.float32)
    np.testing.assert_allclose(computed("HARD_SIGMOID", [x], Attributes(0.2, 0.5)), [0, 0.3, 0.5, 0.7, 1], rtol=1e-6)
