from __future__ import annotations

import ctypes
import ctypes.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.float32 import multiply_add
from tests.float32_cases import any_values, assert_same_bits, special_values, sum_cases


def fmaf() -> np.ufunc:
    """The C library's fused multiply-add, elementwise."""
    name = ctypes.util.find_library("m")
    if name is None:
        pytest.skip("no C math library was found")
    function = ctypes.CDLL(name).fmaf
    function.restype, function.argtypes = ctypes.c_float, [ctypes.c_float] * 3
    return np.frompyfunc(function, 3, 1)


def test_fused_multiply_add_is_rounded_once() -> None:
    a, b, c = sum_cases(40_000)
    with np.errstate(all="ignore"):
        expected = fmaf()(a, b, c).astype(np.float32)
    assert_same_bits(multiply_add(a, b, c, True), expected)


def test_separate_multiply_add_is_rounded_twice() -> None:
    a, b, c = sum_cases(1000)
    with np.errstate(all="ignore"):
        product = (a.astype(np.float64) * b).astype(np.float32)
        total = (product.astype(np.float64) + c).astype(np.float32)
    assert_same_bits(multiply_add(a, b, c, False), total)


def test_ties_that_float64_cannot_see_are_among_the_cases() -> None:
    a, b, c = sum_cases(1000)
    with np.errstate(all="ignore"):
        twice = (a.astype(np.float64) * b + c).astype(np.float32)
    for kind in (slice(3000, 4000), slice(4000, 5000)):
        assert np.count_nonzero(multiply_add(a, b, c, True)[kind] != twice[kind]) > 100


@pytest.mark.parametrize("fused", [False, True])
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 4), max_size=3), st.data())
@settings(max_examples=60, deadline=None)
def test_shapes_broadcast_and_the_result_may_replace_the_addend(
    fused: bool, seed: int, shape: list[int], data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    shapes = [tuple(data.draw(st.sampled_from([1, n])) for n in shape) for _ in range(2)]
    first = data.draw(st.integers(0, len(shape)))
    a, b = (any_values(rng, int(np.prod(s))).reshape(s) for s in (shapes[0][first:], shapes[1]))
    c = rng.choice(special_values(), max(1, int(np.prod(shape)))).reshape(shape)
    x, w, v = (np.ascontiguousarray(np.broadcast_to(operand, shape)).reshape(-1) for operand in (a, b, c))
    expected = multiply_add(x, w, v, fused).reshape(shape)
    assert_same_bits(multiply_add(a, b, c, fused), expected)
    assert multiply_add(a, b, c, fused, out=c) is c
    assert_same_bits(c, expected)


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("shape", [(70_000,), (3, 70_000), (1, 300, 300), (40_000, 2)])
def test_large_arrays_are_as_their_parts(fused: bool, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    a, c = (any_values(rng, int(np.prod(shape))).reshape(shape) for _ in range(2))
    b = any_values(rng, shape[-1])
    whole = multiply_add(a, b, c, fused)
    for index in np.ndindex(shape[:-1] if shape[0] != 40_000 else ()):
        assert_same_bits(whole[index][..., -9:], multiply_add(a[index], b, c[index], fused)[..., -9:])
    assert_same_bits(whole[..., :1], multiply_add(a[..., :1], b[:1], c[..., :1], fused))
