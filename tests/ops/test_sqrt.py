from __future__ import annotations

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import check_formula, samples_of


def samples() -> list[Graph]:
    return samples_of("SQRT")


def test_formula() -> None:
    check_formula("SQRT", np.sqrt, ulps=0.5, low=0)
