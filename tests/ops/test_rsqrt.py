from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import check_formula, samples_of


def samples() -> list[Graph]:
    return samples_of("RSQRT")


def test_formula() -> None:
    check_formula("RSQRT", lambda x: 1 / np.sqrt(x), ulps=2, low=1e-6)
