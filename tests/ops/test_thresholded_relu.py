from __future__ import annotations

import numpy as np

from simref.graph import Graph
from simref.ops.thresholded_relu import Attributes
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("THRESHOLDED_RELU", Attributes(1.0))


def test_values() -> None:
    x = np.array([-1, 0.5, 1, 1.5], np.float32)
    assert computed("THRESHOLDED_RELU", [x], Attributes(1.0)).tolist() == [0, 0, 0, 1.5]
