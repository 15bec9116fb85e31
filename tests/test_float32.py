from __future__ import annotations

import ctypes
import ctypes.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref import float32
from simref.float32 import multiply_add
from tests.float32_cases import any_values, arguments, assert_same_bits, power_cases, special_values, sum_cases
from tests.float32_errors import exact, largest_error, stated_errors
from tests.runtime_c.functions import OF_ONE


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


@pytest.mark.parametrize("name", OF_ONE)
def test_errors_are_as_stated(name: str) -> None:
    """Infinities, NaN, overflow and underflow are among the arguments."""
    x = arguments(1 << 18)
    for fused, stated in zip((False, True), stated_errors()[name], strict=True):
        assert largest_error(getattr(float32, name)(x, fused), exact(name, x)) <= stated < 2


@pytest.mark.parametrize("fused", [False, True])
def test_zeros_keep_their_signs(fused: bool) -> None:
    zeros = np.array([0, -0.0], np.float32)
    for function in (float32.expm1, float32.log1p, float32.tanh, float32.erf, float32.sin, float32.sqrt):
        assert_same_bits(function(zeros, fused), zeros)
    assert_same_bits(float32.rsqrt(zeros, fused), np.array([np.inf, -np.inf], np.float32))


@pytest.mark.parametrize("fused", [False, True])
def test_powers(fused: bool) -> None:
    x, y = power_cases(50_000)
    with np.errstate(all="ignore"):
        truth = np.power(x.astype(np.float64), y.astype(np.float64))
    z = float32.power(x, y, fused)
    assert largest_error(z, truth) < 1.1
    assert (np.signbit(z) == np.signbit(truth))[~np.isnan(truth)].all()


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (2, 3, 4), (1, 20_000)])
def test_functions_keep_the_shape_and_do_not_write_to_their_operand(shape: tuple[int, ...]) -> None:
    x = any_values(np.random.default_rng(2), int(np.prod(shape))).reshape(shape)
    before = x.copy()
    for name in OF_ONE:
        y = getattr(float32, name)(x, True)
        assert y.shape == shape
        assert_same_bits(y.reshape(-1)[-1:], getattr(float32, name)(x.reshape(-1)[-1:], True))
    assert_same_bits(x, before)
    assert float32.power(x, np.float32(2), False).shape == shape
