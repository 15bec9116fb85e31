"""Linker script of the emulated board, and the sizes of what was linked.

The board has one flash and one RAM, each larger than any model, so that every model links and runs;
whether it fits a real board is a question for the report. A loader places each segment at its p_vaddr,
hence nothing has to copy `.data` at start.

    flash 0x08000000   .text, .rodata, load image of .data
    RAM   0x20000000   .stack, .data, .arena, .bss

A caller that knows a board gives its memories instead, and may put weights and arena into others.

The stack lies lowest: below it nothing is mapped, so an overflow faults instead of writing over data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simref.errors import ToolchainError

_MIB = 1 << 20
ARENA_SECTION = ".arena"
STACK_SECTION = ".stack"


@dataclass(frozen=True)
class Region:
    """A memory of the emulated board; address and length in bytes."""

    origin: int
    length: int


FLASH = Region(0x0800_0000, 64 * _MIB)
RAM = Region(0x2000_0000, 64 * _MIB)
STACK_SIZE = 256 * 1024

# Unwind tables are discarded: C without exceptions never reads them, and libgcc's would drag in its unwinder.
_SCRIPT = """\
ENTRY({entry})
{roots}MEMORY
{{
    FLASH (rx) : ORIGIN = {flash.origin:#010x}, LENGTH = {flash.length:#x}
    RAM (rw) : ORIGIN = {ram.origin:#010x}, LENGTH = {ram.length:#x}
{regions}}}
SECTIONS
{{
    .text : {{ *(.text .text.*) }} > FLASH
{weights}    .rodata : {{ *(.rodata .rodata.*) }} > FLASH
    .stack (NOLOAD) :
    {{
        simref_stack_limit = .;
        . = . + {stack_size:#x};
        simref_stack_top = .;
    }} > RAM
    .data : {{ *(.data .data.*) }} > RAM AT > FLASH
    .arena (NOLOAD) : ALIGN(64)
    {{
        simref_arena_start = .;
        *(.arena .arena.* .bss.arena .bss.arena.*)
        simref_arena_end = .;
    }} > {arena}
    .bss (NOLOAD) : {{ *(.bss .bss.* COMMON) }} > RAM
    /DISCARD/ : {{ *(.ARM.exidx .ARM.exidx.* .ARM.extab .ARM.extab.* .eh_frame) }}
}}
"""


def linker_script(
    entry: str,
    *,
    roots: Sequence[str] = (),
    flash: Region = FLASH,
    ram: Region = RAM,
    weights: Region | None = None,
    arena: Region | None = None,
    stack_size: int = STACK_SIZE,
) -> str:
    """A script for GNU ld and lld alike; `roots` are functions to keep besides `entry`.

    It defines simref_stack_limit (lowest address), simref_stack_top (initial SP, multiple of 8),
    simref_arena_start and simref_arena_end. Variables in a section `.arena` or `.bss.arena` form the arena.
    `weights`: where the constants of files `*_weights.c` lie, None: in flash; `arena`: None: in `ram`.
    Raises ValueError when stack_size is not a multiple of 8, which the procedure call standard asks of SP.
    """
    if stack_size % 8 or not 0 < stack_size < ram.length:
        raise ValueError(f"stack_size is {stack_size}, must be a multiple of 8 between 8 and {ram.length}")
    externs = "".join(f"EXTERN({name})\n" for name in roots)
    names = {flash: "FLASH", ram: "RAM"}
    regions = ""
    for name, region in (("WEIGHTS", weights), ("ARENA", arena)):
        if region is not None and region not in names:
            names[region] = name
            regions += f"    {name} (rw) : ORIGIN = {region.origin:#010x}, LENGTH = {region.length:#x}\n"
    apart = ""
    if weights is not None and weights != flash:
        apart = f"    .weights : {{ *_weights.*(.rodata .rodata.*) }} > {names[weights]} AT > FLASH\n"
    return _SCRIPT.format(
        entry=entry, roots=externs, flash=flash, ram=ram, stack_size=stack_size, regions=regions, weights=apart,
        arena=names[ram if arena is None else arena],
    )  # fmt: skip


@dataclass(frozen=True)
class SectionSizes:
    """Bytes of an ELF by kind; `.stack` is in none of them, and `arena` is not part of `bss`."""

    code: int
    rodata: int
    data: int
    bss: int
    arena: int


def section_sizes(elf: Path) -> SectionSizes:
    """Add up the sections that occupy memory, by their flags: executable, read-only, written, zeroed.

    Flash holds code + rodata + data; RAM holds data + bss + arena + stack. Were a linked file to keep
    `.ARM.exidx`, its flags would make it rodata; `linker_script` discards it.
    Raises ToolchainError when the file is not an ELF.
    """
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    sizes = dict.fromkeys(("code", "rodata", "data", "bss", "arena"), 0)
    try:
        with elf.open("rb") as stream:
            for section in ELFFile(stream).iter_sections():
                kind = _kind(section.name, section["sh_flags"], section["sh_type"])
                if kind is not None:
                    sizes[kind] += section["sh_size"]
    except (OSError, ELFError) as error:
        raise ToolchainError(f"ELF file {elf} cannot be read ({error}): build it again.") from error
    return SectionSizes(**sizes)


def _kind(name: str, flags: int, section_type: str) -> str | None:
    write, alloc, execute = flags & 0x1, flags & 0x2, flags & 0x4  # SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR
    if not alloc or name == STACK_SECTION:
        return None
    if name == ARENA_SECTION:
        return "arena"
    if execute:
        return "code"
    if not write:
        return "rodata"
    return "bss" if section_type == "SHT_NOBITS" else "data"
