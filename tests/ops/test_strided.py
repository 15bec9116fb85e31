from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Array
from simref.ops._strided import MAX_RANK, address_of, is_identity, strided_params
from tests.ops.movement_cases import dtypes, shapes


def walk(params: dict[str, Any], source: Array, destination: Array) -> None:
    """What runtime_c/copy_strided.c does, one element after the other, on bytes."""
    x, y, element = params["x_offset"], params["y_offset"], params["element"]
    *outer, innermost = params["count"]
    row = params["x_step"][-1], params["y_step"][-1]
    for index in product(*map(range, outer)):
        if any(index):
            loop = max(k for k in range(len(index)) if index[k])
            x, y = x + params["x_step"][loop], y + params["y_step"][loop]
        for k in range(innermost):
            here, there = x + k * row[0], y + k * row[1]
            destination[there : there + element] = source[here : here + element]


@st.composite
def views(draw: st.DrawFn) -> tuple[Array, Array, Array, Array]:
    """Two tensors of one dtype, and a view of each, of one shape."""
    shape = draw(shapes(1, 4, 6))
    dtype = draw(dtypes)
    margins = [draw(st.tuples(st.integers(0, 2), st.integers(0, 2))) for _ in shape]
    x = np.arange(np.prod(shape)).astype(dtype).reshape(shape)
    permutation = draw(st.permutations(range(len(shape))))
    x_view = x.transpose(permutation)[tuple(slice(None, None, draw(st.sampled_from([1, 1, -1]))) for _ in shape)]
    y = np.zeros([n + sum(margin) for n, margin in zip(x_view.shape, margins, strict=True)], dtype)
    y_view = y[tuple(slice(low, low + n) for n, (low, _) in zip(x_view.shape, margins, strict=True))]
    return x, x_view, y, y_view


@given(views())
@settings(max_examples=200, deadline=None)
def test_walk_copies_the_view(case: tuple[Array, Array, Array, Array]) -> None:
    x, x_view, y, y_view = case
    params = strided_params(x_view, address_of(x), y_view, address_of(y), 4)
    assert len(params["count"]) == MAX_RANK
    found = np.zeros_like(y)
    walk(params, x.view(np.uint8).ravel(), found.view(np.uint8).reshape(-1))
    y_view[...] = x_view
    np.testing.assert_array_equal(found, y)


@given(views(), st.sampled_from([1, 2, 4]))
@settings(max_examples=200, deadline=None)
def test_elements_moved_by_words_are_aligned(case: tuple[Array, Array, Array, Array], widest: int) -> None:
    x, x_view, y, y_view = case
    widest = max(widest, x.itemsize)
    params = strided_params(x_view, address_of(x), y_view, address_of(y), widest)
    alignment = {1: 1, 2: 2, 4: 4, 16: 4}.get(params["element"], 1)
    assert alignment <= widest
    numbers = [params["x_offset"], params["y_offset"], *params["x_step"], *params["y_step"]]
    assert all(number % alignment == 0 for number in numbers)


@pytest.mark.parametrize(
    ("channels", "kept", "element"),
    [(8, 8, 16), (40, 16, 16), (40, 12, 4), (40, 10, 2), (40, 9, 1), (70, 30, 2), (70, 33, 33), (512, 256, 256)],
)
def test_width_of_an_element(channels: int, kept: int, element: int) -> None:
    x, y = np.zeros((6, channels), np.int8), np.zeros((6, kept), np.int8)
    assert strided_params(x[:, :kept], address_of(x), y, address_of(y), 4)["element"] == element


def test_identity_is_all_of_both_in_order() -> None:
    x, y = np.zeros((2, 3), np.int8), np.zeros(6, np.int8).reshape(2, 3)
    assert is_identity(x, 6, y, 6)
    assert not is_identity(x[1:], 6, y[1:], 6)
    assert not is_identity(x.T, 6, y.T, 6)
