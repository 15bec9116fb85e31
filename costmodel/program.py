"""An ELF program: what is loaded where, and which function and source line an address belongs to."""

import io
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elftools.common.exceptions import DWARFError, ELFError
from elftools.elf.elffile import ELFFile

from costmodel.errors import BadImage

EXECUTE, WRITE, READ = 1, 2, 4


@dataclass(frozen=True, slots=True)
class LoadSegment:
    """One PT_LOAD entry: `data` at `address`, zeros up to `size` bytes; `flags` of EXECUTE, WRITE, READ."""

    address: int
    load_address: int
    size: int
    data: bytes
    flags: int


@dataclass(frozen=True, slots=True)
class Functions:
    """Function symbols sorted by address, thumb bit cleared."""

    addresses: tuple[int, ...]
    names: tuple[str, ...]

    def at(self, address: int) -> str:
        """`name+0x12` of the last function that starts at or below `address`; plain hex without any."""
        i = bisect_right(self.addresses, address) - 1
        if i < 0:
            return f"0x{address:08x}"
        offset = address - self.addresses[i]
        return f"{self.names[i]}+0x{offset:x}" if offset else self.names[i]

    def place(self, address: int) -> str:
        """`at 0x08000012 in name+0x12`, without a name where none is known."""
        name = self.at(address)
        return f"at 0x{address:08x}" + ("" if name.startswith("0x") else f" in {name}")


@dataclass(frozen=True, slots=True)
class Program:
    """A loadable 32-bit little-endian Arm ELF file."""

    name: str
    image: bytes
    segments: tuple[LoadSegment, ...]
    symbols: Mapping[str, int]
    functions: Functions

    def source_line(self, address: int) -> str | None:
        """`file.c:12` from the DWARF line table, None when the file has none for `address`."""
        try:
            return _source_line(ELFFile(io.BytesIO(self.image)), address)
        except (ELFError, DWARFError):
            return None


def load_program(elf: Path | bytes) -> Program:
    """Parse an ELF file. Raises BadImage."""
    name = "ELF image" if isinstance(elf, bytes) else str(elf)
    try:
        image = elf if isinstance(elf, bytes) else elf.read_bytes()
        file = ELFFile(io.BytesIO(image))
        if file.elfclass != 32 or not file.little_endian or file["e_machine"] != "EM_ARM":
            raise BadImage(f"{name}: is {file.get_machine_arch()}, must be a 32-bit little-endian Arm program.")
        segments = tuple(_segment(s) for s in file.iter_segments("PT_LOAD") if s["p_memsz"])
        table: Any = file.get_section_by_name(".symtab")
        symbols = list(table.iter_symbols()) if table is not None else []
    except OSError as error:
        raise BadImage(f"{name}: cannot be read: {error.strerror}.") from None
    except ELFError as error:
        raise BadImage(f"{name}: not an ELF file: {error}.") from None
    if not segments:
        raise BadImage(f"{name}: holds no loadable segment, must be a linked program.")
    functions = sorted({(s["st_value"] & ~1, s.name) for s in symbols if s["st_info"]["type"] == "STT_FUNC"})
    return Program(
        name=name,
        image=image,
        segments=segments,
        symbols={s.name: s["st_value"] for s in symbols if s.name and s["st_shndx"] != "SHN_UNDEF"},
        functions=Functions(tuple(a for a, _ in functions), tuple(n for _, n in functions)),
    )


def _segment(segment: Any) -> LoadSegment:
    return LoadSegment(segment["p_vaddr"], segment["p_paddr"], segment["p_memsz"], segment.data(), segment["p_flags"])


def _source_line(file: Any, address: int) -> str | None:
    if not file.has_dwarf_info():
        return None
    dwarf = file.get_dwarf_info()
    for unit in dwarf.iter_CUs():
        lines = dwarf.line_program_for_CU(unit)
        previous = None
        for entry in lines.get_entries() if lines is not None else ():
            if entry.state is None:
                continue
            if previous is not None and previous.address <= address < entry.state.address:
                return f"{_file_name(lines, previous.file)}:{previous.line}"
            previous = None if entry.state.end_sequence else entry.state
    return None


def _file_name(lines: Any, index: int) -> str:
    """File entries count from 1 up to DWARF 4, from 0 in DWARF 5."""
    entry = lines["file_entry"][index if lines["version"] >= 5 else index - 1]
    name: str = entry.name.decode("utf-8", "replace")
    return name
