from __future__ import annotations

import numpy as np

from simref.graph import Graph
from simref.ops.selu import Attributes
from tests.ops.number_cases import check_formula, samples_of


def samples() -> list[Graph]:
    return samples_of("SELU", Attributes())


def test_formula() -> None:
    alpha, gamma = Attributes().alpha, Attributes().gamma
    check_formula("SELU", lambda x: gamma * np.where(x < 0, alpha * np.expm1(x), x), Attributes(), ulps=4)
