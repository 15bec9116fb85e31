from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import check_formula, samples_of


def samples() -> list[Graph]:
    return samples_of("EXP")


def test_formula() -> None:
    check_formula("EXP", np.exp, ulps=2, low=-80, high=80)
