"""Compilers: for a core `arm-none-eabi-gcc` or zig's clang, for the host `cc`.

What a core needs (its flags) arrives as data in a `Target`; nothing here knows a core's name.
"""

import functools
import importlib.util
import re
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from simref.errors import ToolchainError, UsageError

from .cache import cache_dir

ToolchainChoice = Literal["auto", "gcc", "zig"]

OPTIMIZE = ("-O2",)
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror")
# -ffp-contract=off: a product is rounded before it is added unless the C asks for fmaf, as in NumPy.
# -fno-math-errno: there is no errno on the core, so sqrtf may be the one instruction it is.
LANGUAGE = ("-std=c99", "-ffp-contract=off", "-fno-math-errno", "-fno-common")
SECTIONS = ("-g", "-ffunction-sections", "-fdata-sections", "-fno-stack-protector")

_GET_GCC = "'apt install gcc-arm-none-eabi'"
_GET_ZIG = "'pip install simref[zig]'"


@dataclass(frozen=True)
class Target:
    """What each compiler must be told to compile for a core; the core's data file is the source."""

    gcc_flags: tuple[str, ...]
    """E.g. `("-mthumb", "-mcpu=cortex-m7", "-mfpu=fpv5-sp-d16", "-mfloat-abi=hard")`."""
    clang_target: str
    """Zig's triple: `thumb-freestanding-eabi`, or `-eabihf` when floats are passed in FPU registers."""
    clang_cpu: str
    """Zig's CPU with its features; zig assumes no FPU, so e.g. `cortex_m7+fp_armv8d16sp`."""


@dataclass(frozen=True)
class Compiler:
    """One compiler driver with gcc's command line.

    `name` and `version` are for people; `identity` is everything the compiler says about itself and
    keys the cache, so that two builds of one version never share objects.
    """

    name: str
    version: str
    identity: str
    command: tuple[str, ...]

    def compile_argv(self, source: str, output: Path, flags: Sequence[str]) -> list[str]:
        """The command that compiles one C file into one object file."""
        return [*self.command, *flags, "-c", source, "-o", str(output)]

    def environment(self, scratch: Path) -> Mapping[str, str]:
        """Variables to add for a run; `scratch` is a folder that the build removes afterwards."""
        del scratch
        return {}


@dataclass(frozen=True)
class Toolchain(Compiler, ABC):
    """A compiler and linker for the cores."""

    @abstractmethod
    def compile_flags(self, target: Target, optimize: Sequence[str] = OPTIMIZE) -> tuple[str, ...]:
        """Every flag that may change the code, without any path of this machine."""

    @abstractmethod
    def runtime_flags(self) -> tuple[str, ...]:
        """Flags for the file that defines memcpy: its loops must not become calls of memcpy."""

    @abstractmethod
    def runtime_library_argv(self, target: Target, empty_source: Path, output: Path) -> list[str] | None:
        """The command that builds the compiler's runtime library; None when it ships with the compiler."""

    @abstractmethod
    def link_argv(
        self, target: Target, objects: Sequence[str], *, script: str, map_file: str, library: Path | None
    ) -> list[str]:
        """The command that links `objects`, less its last two words `-o FILE`."""


@dataclass(frozen=True)
class ArmGcc(Toolchain):
    """GNU `arm-none-eabi-gcc`, with libgcc; newlib is not needed."""

    def compile_flags(self, target: Target, optimize: Sequence[str] = OPTIMIZE) -> tuple[str, ...]:
        """Freestanding, because gcc's hosted <stdint.h> wants newlib's; with builtins, as firmware has them."""
        freestanding = ("-ffreestanding", "-fbuiltin")
        return (*target.gcc_flags, *LANGUAGE, *freestanding, *SECTIONS, *WARNINGS, *optimize)

    def runtime_flags(self) -> tuple[str, ...]:
        """Loop distribution is the pass that recognizes a copy loop, and -fno-builtin does not stop it."""
        return ("-fno-builtin", "-fno-tree-loop-distribute-patterns")

    def runtime_library_argv(self, target: Target, empty_source: Path, output: Path) -> list[str] | None:
        """Nothing to build: libgcc ships with gcc."""
        del target, empty_source, output
        return None

    def link_argv(
        self, target: Target, objects: Sequence[str], *, script: str, map_file: str, library: Path | None
    ) -> list[str]:
        """Link through gcc, which picks the libgcc that fits the target flags."""
        del library
        options = ("-nostdlib", "-static", "-Wl,--gc-sections", "-Wl,--build-id=none", "-Wl,--fatal-warnings")
        files = (f"-Wl,-T,{script}", f"-Wl,-Map={map_file}")
        return [*self.command, *target.gcc_flags, *options, *files, *objects, "-lgcc"]


@dataclass(frozen=True)
class Zig(Toolchain):
    """Zig's clang and lld, from the Python package `ziglang`."""

    def compile_flags(self, target: Target, optimize: Sequence[str] = OPTIMIZE) -> tuple[str, ...]:
        """Undo what `zig cc` adds on its own: frame pointers, unwind tables, the sanitizer, no builtins."""
        machine = ("-target", target.clang_target, f"-mcpu={target.clang_cpu}")
        undo = ("-fhosted", "-fbuiltin", "-fomit-frame-pointer", "-fno-sanitize=undefined")
        tables = ("-fno-unwind-tables", "-fno-asynchronous-unwind-tables")
        return (*machine, *LANGUAGE, *undo, *tables, *SECTIONS, *WARNINGS, *optimize)

    def runtime_flags(self) -> tuple[str, ...]:
        """Clang recognizes copy loops only while memcpy is a builtin."""
        return ("-fno-builtin",)

    def runtime_library_argv(self, target: Target, empty_source: Path, output: Path) -> list[str] | None:
        """Compile zig's compiler_rt for the target (about 3 s), as the one content of a static library."""
        machine = ("-target", target.clang_target, "-mcpu", target.clang_cpu)
        options = ("-fcompiler-rt", "-fstrip", "-O", "ReleaseFast", "--name", "compiler_rt")
        return [self.command[0], "build-lib", *options, *machine, str(empty_source), f"-femit-bin={output}"]

    def link_argv(
        self, target: Target, objects: Sequence[str], *, script: str, map_file: str, library: Path | None
    ) -> list[str]:
        """Link with `zig ld.lld`: `zig cc` knows neither -Map nor the entry that a script names."""
        del target
        options = ("--gc-sections", "--build-id=none", "--fatal-warnings")
        libraries = () if library is None else (str(library),)
        return [self.command[0], "ld.lld", *options, "-T", script, f"-Map={map_file}", *objects, *libraries]

    def environment(self, scratch: Path) -> Mapping[str, str]:
        """Keep zig's own cache beside ours, and let its second copy of every object go with the build."""
        return _zig_environment(scratch)


@dataclass(frozen=True)
class HostCompiler(Compiler):
    """The compiler of the machine that simref runs on."""

    machine_flags: tuple[str, ...] = ()

    def compile_flags(self, optimize: Sequence[str] = OPTIMIZE) -> tuple[str, ...]:
        """Every flag that may change the code, without any path of this machine."""
        return (*self.machine_flags, *LANGUAGE, "-fPIC", "-g", *WARNINGS, *optimize)

    def link_argv(self, objects: Sequence[str]) -> list[str]:
        """The command that links a shared library, less its last two words `-o FILE`."""
        return [*self.command, *self.machine_flags, "-shared", *objects, "-lm"]

    def environment(self, scratch: Path) -> Mapping[str, str]:
        """Zig's cache folders; other compilers ignore them."""
        return _zig_environment(scratch)


def find_toolchain(choice: ToolchainChoice = "auto") -> Toolchain:
    """The toolchain for the cores: gcc on PATH, else zig; `choice` admits only one of them.

    Raises ToolchainError, in one line that says how to get one, when there is none; UsageError for an
    unknown choice.
    """
    if choice not in get_args(ToolchainChoice):
        allowed = ", ".join(get_args(ToolchainChoice))
        raise UsageError(f"toolchain is {choice!r}, must be one of {allowed}.")
    gcc = shutil.which("arm-none-eabi-gcc") if choice != "zig" else None
    if gcc is not None:
        version, identity = _version(gcc, "--version")
        return ArmGcc("arm-none-eabi-gcc", version, identity, (gcc,))
    zig = _zig() if choice != "gcc" else None
    if zig is not None:
        version, identity = _version(zig, "version")
        return Zig("zig cc", version, f"zig {identity}", (zig, "cc"))
    how = {"auto": f"{_GET_GCC} or {_GET_ZIG}", "gcc": _GET_GCC, "zig": _GET_ZIG}[choice]
    wanted = {"auto": "arm-none-eabi-gcc nor zig", "gcc": "arm-none-eabi-gcc", "zig": "zig"}[choice]
    raise ToolchainError(f"toolchain {choice}: no {wanted} was found, a compiler for the cores is needed: {how}.")


def find_host_compiler() -> HostCompiler:
    """The host's `cc`, `gcc` or `clang`, whichever is on PATH first in this order, else zig.

    Raises ToolchainError, in one line that says how to get one, when there is none.
    """
    for name in ("cc", "gcc", "clang"):
        path = shutil.which(name)
        if path is not None:
            version, identity = _version(path, "--version")
            return HostCompiler(name, version, identity, (path,))
    zig = _zig()
    if zig is None:
        raise ToolchainError(f"host compiler: no cc, gcc, clang nor zig was found: 'apt install gcc' or {_GET_ZIG}.")
    version, identity = _version(zig, "version")
    # Without a CPU zig would compile for this very machine, and a cached object may serve another one.
    flags = ("-mcpu=baseline", "-fno-sanitize=undefined")
    return HostCompiler("zig cc", version, f"zig {identity}", (zig, "cc"), flags)


def _zig() -> str | None:
    """The program inside the Python package, run directly: `python -m ziglang` only adds Python's start."""
    spec = importlib.util.find_spec("ziglang")
    for folder in (spec.submodule_search_locations if spec is not None else None) or ():
        program = Path(folder) / ("zig.exe" if sys.platform == "win32" else "zig")
        if program.is_file():
            return str(program)
    return None


def _zig_environment(scratch: Path) -> Mapping[str, str]:
    return {
        "ZIG_GLOBAL_CACHE_DIR": str(cache_dir() / "zig"),
        "ZIG_LOCAL_CACHE_DIR": str(scratch / "zig"),
    }


@functools.cache
def _version(program: str, option: str) -> tuple[str, str]:
    """The version number and the whole first line, as the program itself prints them."""
    try:
        run = subprocess.run([program, option], capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        raise ToolchainError(f"compiler {program}: '{option}' failed ({error}): reinstall it.") from error
    line = run.stdout.partition("\n")[0].strip()
    # Distributions print their package's version in parentheses before the compiler's own.
    number = re.search(r"\d+\.\d+(\.\d+)?", re.sub(r"\([^)]*\)", "", line))
    if number is None:
        raise ToolchainError(f"compiler {program}: '{option}' printed {line!r}, which names no version.")
    return number.group(), line
