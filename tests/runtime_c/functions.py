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
from generator.emit import kernel_files
from generator.link import STACK_SIZE, linker_script
from generator.toolchains import find_host_compiler
from simref.pipelines.predict import target_of
from tests.float32_cases import Float32
from tests.generator.cross import toolchain_or_skip

OF_ONE = ("exp", "expm1", "log", "log1p", "sigmoid", "tanh", "erf", "sqrt", "rsqrt", "sin", "cos")
_HEADERS = {"rsqrt": "sqrt_f32", "sin": "sin_cos_f32", "cos": "sin_cos_f32"}

# In C what each does of its operands a, b and c. The first ones call a library where there is no floating-point unit.
EXPRESSIONS = {
    "add": "a + b",
    "subtract": "a - b",
    "multiply": "a * b",
    "divide": "a / b",
    "less": "a < b ? 1.0f : 0.0f",
    "less_equal": "a <= b ? 1.0f : 0.0f",
    "greater": "a > b ? 1.0f : 0.0f",
    "greater_equal": "a >= b ? 1.0f : 0.0f",
    "equal": "a == b ? 1.0f : 0.0f",
    "multiply_add": "simref_fma_f32(a, b, c)",
    **{name: f"simref_{name}_f32(a)" for name in OF_ONE},
    "power": "simref_pow_f32(a, b)",
}

_BLOCK = 4096
_INSTRUCTION_LIMIT = 2_000_000_000


def _driver() -> str:
    """C that applies each function to arrays, and memory for them on a core."""
    lines = [f'#include "{header}.h"' for header in sorted(_headers())]
    lines += [f"float x0[{_BLOCK}], x1[{_BLOCK}], x2[{_BLOCK}], y[{_BLOCK}];"]
    for name, expression in EXPRESSIONS.items():
        signature = f"void apply_{name}(float *out, uint32_t n, const float *a0, const float *b0, const float *c0)"
        lines += [f"{signature};", f"{signature} {{", "    for (uint32_t i = 0; i < n; i++) {"]
        lines += ["        const float a = a0[i], b = b0[i], c = c0[i];", "        (void)b; (void)c;"]
        lines += [f"        out[i] = {expression};", "    }", "}"]
    return "\n".join([*lines, "void unused(void);", "void unused(void) { x0[0] = x1[0] = x2[0] = y[0]; }\n"])


def _headers() -> set[str]:
    return {_HEADERS.get(name, f"{name}_f32") for name in OF_ONE} | {"pow_f32"}


def _sources(folder: Path, flags: tuple[str, ...]) -> SourceFolder:
    (folder / "driver.c").write_text(_driver(), encoding="utf-8")
    for path in kernel_files(sorted(_headers())):
        (folder / path.name).write_bytes(path.read_bytes())
    return SourceFolder(folder, flags=flags)


def _three(operands: Sequence[Float32]) -> list[Float32]:
    """The operands, the last of them again where there are fewer."""
    return [operands[min(k, len(operands) - 1)] for k in range(3)]


class HostFunctions:
    """The functions compiled for this machine in one variant."""

    def __init__(self, fused: bool) -> None:
        with tempfile.TemporaryDirectory() as name:
            sources = _sources(Path(name), (f"-DSIMREF_FUSED={int(fused)}",))
            library = build_host([sources], output=Path(name) / "f32.so", compiler=find_host_compiler())
            self._library = ctypes.CDLL(str(library))

    def apply(self, name: str, operands: Sequence[Float32]) -> Float32:
        arrays = [np.ascontiguousarray(operand) for operand in _three(operands)]
        y = np.empty_like(arrays[0])
        pointers = (ctypes.c_void_p(array.ctypes.data) for array in arrays)
        getattr(self._library, f"apply_{name}")(ctypes.c_void_p(y.ctypes.data), ctypes.c_uint32(y.size), *pointers)
        return y


class CoreFunctions:
    """The functions compiled for a core and emulated; `instructions` is what the last application took."""

    def __init__(self, toolchain: str, core: str) -> None:
        chosen, compiler = load_core(core), toolchain_or_skip(toolchain)
        roots = [*(f"apply_{name}" for name in EXPRESSIONS), "unused"]
        with tempfile.TemporaryDirectory() as name:
            script, output = linker_script(roots[0], roots=roots), Path(name) / "f32.elf"
            build_target([_sources(Path(name), ())], compiler, target_of(chosen), linker_script=script, output=output)
            self._machine = Machine(output, chosen, stack_size=STACK_SIZE, instruction_limit=_INSTRUCTION_LIMIT)

    def apply(self, name: str, operands: Sequence[Float32]) -> Float32:
        machine, size = self._machine, operands[0].size
        y = np.empty(size, np.float32)
        places = [machine.symbol(f"x{k}") for k in range(3)]
        for start in range(0, size, _BLOCK):
            part = slice(start, min(start + _BLOCK, size))
            for place, operand in zip(places, _three(operands), strict=True):
                machine.write(place, operand[part].tobytes())
            count = part.stop - start
            machine.call(f"apply_{name}", [machine.symbol("y"), count, *places])
            y[part] = np.frombuffer(machine.read(machine.symbol("y"), 4 * count), np.float32)
        return y
