from __future__ import annotations

import math

import numpy as np
import pytest

from simref.graph import Graph
from simref.ops.clip import Attributes
from tests.ops.number_cases import computed, samples_of


def samples() -> list[Graph]:
    return samples_of("CLIP", Attributes(-1, 2), dtypes=("float32", "int32"))


@pytest.mark.parametrize("dtype", ["float32", "int32", "int64"])
def test_values(dtype: str) -> None:
    x = np.array([-5, -1, 0, 2, 5], dtype)
    assert computed("CLIP", [x], Attributes(-1, 2)).tolist() == [-1, -1, 0, 2, 2]
    assert computed("CLIP", [x], Attributes(-1, math.inf)).tolist() == [-1, -1, 0, 2, 5]
    assert computed("CLIP", [x], Attributes(-1, 1e300)).tolist() == [-1, -1, 0, 2, 5]
    assert computed("CLIP", [x], Attributes(3, 2)).tolist() == [2, 2, 2, 2, 2]


def test_fractional_bounds_of_integers_lie_inside() -> None:
    x = np.array([-5, 0, 5], np.int32)
    assert computed("CLIP", [x], Attributes(-1.5, 2.5)).tolist() == [-1, 0, 2]
    assert computed("CLIP", [x], Attributes(-1e20, 1e20)).tolist() == [-5, 0, 5]


def test_nan_stays() -> None:
    assert np.isnan(computed("CLIP", [np.array([np.nan], np.float32)], Attributes(0, 1))[0])
