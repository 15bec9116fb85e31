from __future__ import annotations

import numpy as np
import pytest

from simref.errors import ModelError
from simref.graph import Array, Layer, Tensor
from simref.ops._stored import resolve_axis, stored_integers


def layer(data: Array | None) -> Layer:
    x = Tensor("x", (2, 3), np.dtype(np.int8))
    return Layer(0, "SLICE", "y", (x, Tensor("begin", (2,), np.dtype(np.int32), data=data), None), ())


def test_integers_of_any_width_and_shape() -> None:
    assert stored_integers(layer(np.array([[1, -2]], np.int64)), 1, "begin", length=2) == (1, -2)


@pytest.mark.parametrize(
    ("position", "data", "why"),
    [
        (1, None, "begin is computed at run time, must be a constant"),
        (2, None, "input 2, its begin, is missing"),
        (3, None, "input 3, its begin, is missing"),
        (1, np.array([1.0, 2.0]), "begin is float64, must be int32 or int64"),
        (1, np.array([1, 2, 3]), "begin has 3 elements, must have 2"),
    ],
)
def test_what_is_no_list_of_integers_is_refused(position: int, data: Array | None, why: str) -> None:
    with pytest.raises(ModelError, match=f"^{why}$"):
        stored_integers(layer(data), position, "begin", length=2)


def test_axes_count_from_either_end() -> None:
    assert [resolve_axis(axis, 3) for axis in (-3, -1, 0, 2)] == [0, 2, 0, 2]
    for axis in (-4, 3):
        with pytest.raises(ModelError, match=f"^axis is {axis}, must be -3 to 2$"):
            resolve_axis(axis, 3)
