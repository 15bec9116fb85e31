import os
from pathlib import Path

import pytest

from generator import toolchains
from generator.toolchains import find_host_compiler, find_toolchain
from simref.errors import SimrefError, ToolchainError, UsageError

from .cross import CORES, TOOLCHAINS, toolchain_or_skip

ARM_GCC = "arm-none-eabi-gcc (15:12.2.rel1-1) 12.2.1 20221205"


def install(folder: Path, name: str, prints: str, status: int = 0) -> None:
    """Put a program on PATH that prints one line, whatever it is asked."""
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{prints}'\nexit {status}\n")
    program.chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, empty."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.fixture
def no_zig(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchains, "_zig", lambda: None)


@pytest.mark.parametrize(
    ("choice", "told", "untold"),
    [
        ("auto", ["apt install gcc-arm-none-eabi", "pip install simref[zig]"], []),
        ("gcc", ["apt install gcc-arm-none-eabi"], ["simref[zig]"]),
        ("zig", ["pip install simref[zig]"], ["apt install"]),
    ],
)
@pytest.mark.usefixtures("path", "no_zig")
def test_without_a_compiler_one_line_says_how_to_get_one(
    choice: toolchains.ToolchainChoice, told: list[str], untold: list[str]
) -> None:
    with pytest.raises(ToolchainError) as caught:
        find_toolchain(choice)
    message = str(caught.value)
    assert "\n" not in message
    assert all(words in message for words in told)
    assert not any(words in message for words in untold)


@pytest.mark.usefixtures("path", "no_zig")
def test_without_a_host_compiler_one_line_says_how_to_get_one() -> None:
    with pytest.raises(ToolchainError, match=r"^host compiler: .*'apt install gcc' or 'pip install simref\[zig\]'\.$"):
        find_host_compiler()


def test_an_unknown_choice_is_refused_even_where_gcc_is_installed(path: Path) -> None:
    install(path, "arm-none-eabi-gcc", ARM_GCC)
    with pytest.raises(UsageError, match="'clang', must be one of auto, gcc, zig"):
        find_toolchain("clang")  # type: ignore[arg-type]


def test_auto_takes_gcc_before_zig(path: Path) -> None:
    install(path, "arm-none-eabi-gcc", ARM_GCC)
    found = find_toolchain("auto")
    assert (found.name, found.version, found.identity) == ("arm-none-eabi-gcc", "12.2.1", ARM_GCC)


@pytest.mark.usefixtures("path")
def test_auto_takes_zig_where_gcc_is_missing() -> None:
    try:
        expected = find_toolchain("zig")
    except ToolchainError as error:
        pytest.skip(str(error))
    assert find_toolchain("auto") == expected
    assert expected.name == "zig cc"
    assert find_host_compiler().name == "zig cc"


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("cc (Debian 12.2.0-14+deb12u1) 12.2.0", "12.2.0"),
        ("Debian clang version 14.0.6", "14.0.6"),
        ("Apple clang version 15.0.0 (clang-1500.3.9.4)", "15.0.0"),
        ("gcc-13 (Ubuntu 13.3.0-6ubuntu2~24.04) 13.3.0", "13.3.0"),
        ("arm-none-eabi-gcc (Arm GNU Toolchain 13.2.rel1 (Build arm-13.7)) 13.2.1 20231009", "13.2.1"),
    ],
)
def test_version_is_the_compilers_own_not_its_packages(path: Path, line: str, version: str) -> None:
    install(path, "cc", line)
    found = find_host_compiler()
    assert (found.version, found.identity) == (version, line)


@pytest.mark.parametrize(("prints", "status"), [("no number here", 0), ("cc 12.2.0", 1)])
def test_a_broken_compiler_is_named(path: Path, prints: str, status: int) -> None:
    install(path, "cc", prints, status)
    with pytest.raises(SimrefError) as caught:
        find_host_compiler()
    assert str(path / "cc") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("choice", TOOLCHAINS)
def test_flags_hold_no_path_of_this_machine(choice: str) -> None:
    toolchain = toolchain_or_skip(choice)
    for core in CORES.values():
        assert not [flag for flag in toolchain.compile_flags(core.target) if os.sep in flag]
