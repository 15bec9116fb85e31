from __future__ import annotations

import functools

import pytest

from costmodel.core import core_names, load_core
from simref.errors import ToolchainError
from simref.float32 import multiply_add
from tests.float32_cases import assert_same_bits, sum_cases
from tests.generator.cross import TOOLCHAINS

from .functions import CoreFunctions, HostFunctions


@functools.cache
def host(fused: bool) -> HostFunctions:
    try:
        return HostFunctions(fused)
    except ToolchainError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module", params=[(choice, core) for choice in TOOLCHAINS for core in core_names()], ids="-".join)
def core(request: pytest.FixtureRequest) -> tuple[CoreFunctions, bool]:
    """The functions on every core from every toolchain, and whether the core fuses."""
    choice, name = request.param
    return CoreFunctions(choice, name), "hard" in " ".join(load_core(name).gcc_flags)


@pytest.mark.parametrize("fused", [False, True])
def test_multiply_add_on_the_host(fused: bool) -> None:
    cases = sum_cases(200_000)
    assert_same_bits(host(fused).apply("fma", cases), multiply_add(*cases, fused))


def test_multiply_add_on_the_cores(core: tuple[CoreFunctions, bool]) -> None:
    functions, fused = core
    cases = sum_cases(1000)
    assert_same_bits(functions.apply("fma", cases), multiply_add(*cases, fused))
