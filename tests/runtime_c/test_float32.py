from __future__ import annotations

import functools

import numpy as np
import pytest

from costmodel.core import core_names, load_core
from generator.toolchains import find_host_compiler
from simref import float32
from simref.errors import ToolchainError
from tests.float32_cases import arguments, assert_same_bits, power_cases, special_values, sum_cases
from tests.generator.cross import TOOLCHAINS

from .functions import OF_ONE, CoreFunctions, HostFunctions


@functools.cache
def host(fused: bool) -> HostFunctions:
    try:
        find_host_compiler()
    except ToolchainError as error:
        pytest.skip(str(error))
    return HostFunctions(fused)


@pytest.fixture(scope="module", params=[(choice, core) for choice in TOOLCHAINS for core in core_names()], ids="-".join)
def core(request: pytest.FixtureRequest) -> tuple[CoreFunctions, bool]:
    """The functions on every core from every toolchain, and whether the core fuses."""
    choice, name = request.param
    return CoreFunctions(choice, name), "-mfloat-abi=hard" in load_core(name).gcc_flags


@pytest.mark.parametrize("fused", [False, True])
def test_multiply_add_on_the_host(fused: bool) -> None:
    cases = sum_cases(200_000)
    assert_same_bits(host(fused).apply("multiply_add", cases), float32.multiply_add(*cases, fused))


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("name", OF_ONE)
def test_functions_on_the_host(name: str, fused: bool) -> None:
    x = arguments(300_000)
    assert_same_bits(host(fused).apply(name, [x]), getattr(float32, name)(x, fused))


@pytest.mark.parametrize("fused", [False, True])
def test_power_on_the_host(fused: bool) -> None:
    x, y = power_cases(100_000)
    assert_same_bits(host(fused).apply("power", [x, y]), float32.power(x, y, fused))


def test_multiply_add_on_the_cores(core: tuple[CoreFunctions, bool]) -> None:
    functions, fused = core
    cases = sum_cases(1000)
    assert_same_bits(functions.apply("multiply_add", cases), float32.multiply_add(*cases, fused))


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide"])
def test_arithmetic_on_the_cores(core: tuple[CoreFunctions, bool], name: str) -> None:
    a, b, _ = sum_cases(1000)
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(a, b)
    assert_same_bits(core[0].apply(name, [a, b]), expected)


@pytest.mark.parametrize("name", ["less", "less_equal", "greater", "greater_equal", "equal"])
def test_comparisons_on_the_cores(core: tuple[CoreFunctions, bool], name: str) -> None:
    values = special_values()
    a, b = np.repeat(values, values.size), np.tile(values, values.size)
    assert_same_bits(core[0].apply(name, [a, b]), getattr(np, name)(a, b).astype(np.float32))


def test_functions_on_the_cores(core: tuple[CoreFunctions, bool]) -> None:
    functions, fused = core
    x = arguments(4000)
    for name in OF_ONE:
        assert_same_bits(functions.apply(name, [x]), getattr(float32, name)(x, fused))


def test_power_on_the_cores(core: tuple[CoreFunctions, bool]) -> None:
    functions, fused = core
    x, y = power_cases(500)
    assert_same_bits(functions.apply("power", [x, y]), float32.power(x, y, fused))
