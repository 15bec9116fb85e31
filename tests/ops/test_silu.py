from __future__ import annotations

import numpy as np
import pytest

from simref.graph import Graph
from simref.ops.silu import Attributes
from tests.ops.number_cases import check_formula, samples_of


def samples() -> list[Graph]:
    return samples_of("SILU", Attributes())


@pytest.mark.parametrize("beta", [1.0, 1.5])
def test_formula(beta: float) -> None:
    check_formula("SILU", lambda x: x / (1 + np.exp(-beta * x)), Attributes(beta), ulps=40)
