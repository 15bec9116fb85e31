from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import check_formula, samples_of


def samples() -> list[Graph]:
    return samples_of("SOFTSIGN")


def test_formula() -> None:
    check_formula("SOFTSIGN", lambda x: x / (1 + np.abs(x)), ulps=2)
