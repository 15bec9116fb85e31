from __future__ import annotations

import numpy as np
import pytest

from simref.graph import Graph
from simref.ops.celu import Attributes
from tests.ops.number_cases import check_formula, samples_of


def samples() -> list[Graph]:
    return samples_of("CELU", Attributes(0.7))


@pytest.mark.parametrize("alpha", [1.0, 0.25])
def test_formula(alpha: float) -> None:
    check_formula("CELU", lambda x: np.where(x < 0, alpha * np.expm1(x / alpha), x), Attributes(alpha), ulps=4)
