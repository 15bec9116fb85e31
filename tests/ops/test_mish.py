from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import check_formula, samples_of


def samples() -> list[Graph]:
    return samples_of("MISH")


def test_formula() -> None:
    check_formula("MISH", lambda x: x * np.tanh(np.logaddexp(0, x)), ulps=6)
