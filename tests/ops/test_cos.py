from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import check_formula, samples_of


def samples() -> list[Graph]:
    return samples_of("COS")


def test_formula() -> None:
    check_formula("COS", np.cos, ulps=2, low=-300, high=300)
