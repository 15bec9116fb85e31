"""The five cores as compilers and Unicorn know them, and a way to call one function of a linked ELF."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import pytest
import unicorn
from elftools.elf.elffile import ELFFile
from unicorn import arm_const

from generator.build import SourceFolder, build_target
from generator.link import FLASH, RAM, linker_script
from generator.toolchains import Target, Toolchain, find_toolchain
from simref.errors import ToolchainError

_RETURN = FLASH.origin + FLASH.length - 0x1000
_INSTRUCTIONS = 200_000
_HARD = ("-mfloat-abi=hard",)


@dataclass(frozen=True)
class CoreUnderTest:
    target: Target
    cpu_model: int
    unaligned: bool


def _core(name: str, cpu_model: int, fpu: str = "", zig_features: str = "") -> CoreUnderTest:
    flags = ("-mthumb", f"-mcpu=cortex-{name}", *((f"-mfpu={fpu}", *_HARD) if fpu else ()))
    triple = f"thumb-freestanding-eabi{'hf' if fpu else ''}"
    cpu = f"cortex_{name}{zig_features}"
    return CoreUnderTest(Target(flags, triple, cpu), cpu_model, name != "m0plus")


CORES = {
    "cm0plus": _core("m0plus", arm_const.UC_CPU_ARM_CORTEX_M0),
    "cm3": _core("m3", arm_const.UC_CPU_ARM_CORTEX_M3),
    "cm4": _core("m4", arm_const.UC_CPU_ARM_CORTEX_M4, "fpv4-sp-d16", "+vfp4d16sp"),
    "cm7": _core("m7", arm_const.UC_CPU_ARM_CORTEX_M7, "fpv5-sp-d16", "+fp_armv8d16sp"),
    "cm33": _core("m33", arm_const.UC_CPU_ARM_CORTEX_M33, "fpv5-sp-d16", "+dsp+fp_armv8d16sp"),
}
TOOLCHAINS = ("gcc", "zig")


def toolchain_or_skip(choice: str) -> Toolchain:
    try:
        return find_toolchain(cast(Literal["gcc", "zig"], choice))
    except ToolchainError as error:
        pytest.skip(str(error))


def write(folder: Path, **files: str) -> SourceFolder:
    """Make a folder of files; `a_c="..."` becomes a.c."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / ".".join(name.rsplit("_", 1))).write_text(text, encoding="utf-8")
    return SourceFolder(folder)


def build(folder: SourceFolder, choice: str, core: str, entry: str, roots: Sequence[str] = ()) -> Path:
    script = linker_script(entry, roots=roots)
    output = folder.path / f"{choice}-{core}.elf"
    toolchain = toolchain_or_skip(choice)
    return build_target([folder], toolchain, CORES[core].target, linker_script=script, output=output)


class Image:
    """A linked ELF in an emulated core's memory."""

    def __init__(self, elf: Path, core: str) -> None:
        self.core = CORES[core]
        make: Any = getattr(unicorn, "Uc")  # noqa: B009  (the package has no types)
        self.emulator: Any = make(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
        self.emulator.ctl_set_cpu_model(self.core.cpu_model)
        for region in (FLASH, RAM):
            self.emulator.mem_map(region.origin, region.length)
        with elf.open("rb") as stream:
            image: Any = ELFFile(stream)
            table = image.get_section_by_name(".symtab")
            self.symbols: dict[str, int] = {s.name: s["st_value"] for s in table.iter_symbols()}
            for segment in image.iter_segments("PT_LOAD"):
                self.emulator.mem_write(segment["p_vaddr"], segment.data())
        self.instructions = 0
        self.emulator.hook_add(unicorn.UC_HOOK_CODE, self._count)

    def _count(self, *_: object) -> None:
        self.instructions += 1

    def call(self, function: str, *arguments: int) -> tuple[int, int]:
        """r0 and r1 after the call; at most four arguments of a word. Counts its instructions."""
        registers = (arm_const.UC_ARM_REG_R0, arm_const.UC_ARM_REG_R1, arm_const.UC_ARM_REG_R2, arm_const.UC_ARM_REG_R3)
        for register, value in zip(registers, arguments, strict=False):
            self.emulator.reg_write(register, value & 0xFFFF_FFFF)
        self.emulator.reg_write(arm_const.UC_ARM_REG_SP, self.symbols["simref_stack_top"])
        self.emulator.reg_write(arm_const.UC_ARM_REG_LR, _RETURN | 1)
        self.instructions = 0
        self.emulator.emu_start(self.symbols[function] | 1, _RETURN, count=_INSTRUCTIONS)
        assert self.emulator.reg_read(arm_const.UC_ARM_REG_PC) & ~1 == _RETURN, f"{function} did not return"
        return self.emulator.reg_read(registers[0]), self.emulator.reg_read(registers[1])
