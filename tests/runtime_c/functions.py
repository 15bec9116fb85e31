"""Elementwise functions of runtime_c, applied to arrays on this machine and on emulated cores."""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from costmodel.core import load_core
from costmodel.emulate import Machine
from generator.build import SourceFolder, build_host, build_target
from generator.emit import RUNTIME, kernel_files
from generator.link import STACK_SIZE, linker_script
from generator.toolchains import find_host_compiler
from simref.pipelines.predict import target_of
from tests.float32_cases import Float32
from tests.generator.cross import toolchain_or_skip

# Header and number of operands of each function; simref_<name>_f32 is its name in C.
FUNCTIONS = {"fma": ("float32", 3)}

_BLOCK = 4096
_INSTRUCTION_LIMIT = 2_000_000_000


def _driver() -> str:
    """C that applies each function to arrays, and memory for them on a core."""
    lines = [f'#include "{header}.h"' for header, _ in FUNCTIONS.values()]
    lines += [f"float x0[{_BLOCK}], x1[{_BLOCK}], x2[{_BLOCK}], y[{_BLOCK}];"]
    for name, (_, count) in FUNCTIONS.items():
        parameters = ", ".join(f"const float *a{k}" for k in range(count))
        operands = ", ".join(f"a{k}[i]" for k in range(count))
        signature = f"void apply_{name}(float *out, uint32_t n, {parameters})"
        lines += [f"{signature};", f"{signature} {{"]
        lines += [f"    for (uint32_t i = 0; i < n; i++) {{ out[i] = simref_{name}_f32({operands}); }}", "}"]
    lines += ["void unused(void);", "void unused(void) { x0[0] = x1[0] = x2[0] = y[0]; }"]
    return "\n".join(lines) + "\n"


def _sources(folder: Path, flags: tuple[str, ...]) -> SourceFolder:
    (folder / "driver.c").write_text(_driver(), encoding="utf-8")
    headers = sorted({header for header, _ in FUNCTIONS.values()} - {"float32"})
    for path in (RUNTIME / "float32.h", *kernel_files(headers)):
        (folder / path.name).write_bytes(path.read_bytes())
    return SourceFolder(folder, flags=flags)


class HostFunctions:
    """The functions compiled for this machine in one variant."""

    def __init__(self, fused: bool) -> None:
        with tempfile.TemporaryDirectory() as name:
            sources = _sources(Path(name), (f"-DSIMREF_FUSED={int(fused)}",))
            library = build_host([sources], output=Path(name) / "f32.so", compiler=find_host_compiler())
            self._library = ctypes.CDLL(str(library))

    def apply(self, name: str, operands: Sequence[Float32]) -> Float32:
        arrays = [np.ascontiguousarray(operand) for operand in operands]
        y = np.empty_like(arrays[0])
        pointers = (ctypes.c_void_p(array.ctypes.data) for array in arrays)
        getattr(self._library, f"apply_{name}")(ctypes.c_void_p(y.ctypes.data), ctypes.c_uint32(y.size), *pointers)
        return y


class CoreFunctions:
    """The functions compiled for a core and emulated; `instructions` is what the last application took."""

    def __init__(self, toolchain: str, core: str) -> None:
        chosen, compiler = load_core(core), toolchain_or_skip(toolchain)
        roots = [*(f"apply_{name}" for name in FUNCTIONS), "unused"]
        with tempfile.TemporaryDirectory() as name:
            script, output = linker_script(roots[0], roots=roots), Path(name) / "f32.elf"
            build_target([_sources(Path(name), ())], compiler, target_of(chosen), linker_script=script, output=output)
            self._machine = Machine(output, chosen, stack_size=STACK_SIZE, instruction_limit=_INSTRUCTION_LIMIT)

    def apply(self, name: str, operands: Sequence[Float32]) -> Float32:
        machine, size = self._machine, operands[0].size
        y = np.empty(size, np.float32)
        places = [machine.symbol(f"x{k}") for k in range(len(operands))]
        for start in range(0, size, _BLOCK):
            part = slice(start, min(start + _BLOCK, size))
            for place, operand in zip(places, operands, strict=True):
                machine.write(place, operand[part].tobytes())
            count = part.stop - start
            machine.call(f"apply_{name}", [machine.symbol("y"), count, *places])
            y[part] = np.frombuffer(machine.read(machine.symbol("y"), 4 * count), np.float32)
        return y
