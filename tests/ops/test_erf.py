from __future__ import annotations

import math

import numpy as np

from simref.graph import Graph
from tests.ops.number_cases import check_formula, samples_of


def samples() -> list[Graph]:
    return samples_of("ERF")


def test_formula() -> None:
    check_formula("ERF", np.vectorize(math.erf), ulps=2)
