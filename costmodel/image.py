"""Any firmware file as a Program: .elf, raw .bin, Intel .hex."""

from io import StringIO
from pathlib import Path

from intelhex import HexReaderError, IntelHex

from costmodel.errors import BadImage
from costmodel.program import EXECUTE, READ, Functions, LoadSegment, Program, load_program

FLASH = 0x0800_0000  # where the STM32 families map their flash
_LARGEST = 1 << 28
_ELF_MAGIC = b"\x7fELF"


def load_image(path: Path, base: int | None = None) -> Program:
    """Read a firmware image; `base` is where a .bin lies, default 0x08000000. Raises BadImage."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadImage(f"{path}: cannot be read: {error.strerror}.") from None
    if data.startswith(_ELF_MAGIC):
        return load_program(path)
    if path.suffix.lower() == ".bin":
        return _program(path, {FLASH if base is None else base: data})
    if path.suffix.lower() == ".hex":
        return _program(path, _hex_parts(path, data))
    raise BadImage(f"{path}: is neither an ELF file nor named .bin or .hex.")


def _hex_parts(path: Path, data: bytes) -> dict[int, bytes]:
    """Address -> bytes of each run without a gap."""
    hexadecimal = IntelHex()
    try:
        hexadecimal.loadhex(StringIO(data.decode("ascii")))
    except (HexReaderError, UnicodeDecodeError) as error:
        raise BadImage(f"{path}: not an Intel hex file: {error}.") from None
    return {start: hexadecimal.tobinstr(start, stop - 1) for start, stop in hexadecimal.segments()}


def _program(path: Path, parts: dict[int, bytes]) -> Program:
    segments = []
    for address, data in parts.items():
        if not data or len(data) > _LARGEST or not 0 <= address <= (1 << 32) - len(data):
            raise BadImage(f"{path}: {len(data)} bytes at 0x{address:x}, must be 1 to {_LARGEST} below 4 GB.")
        segments.append(LoadSegment(address, address, len(data), data, READ | EXECUTE))
    if not segments:
        raise BadImage(f"{path}: holds no bytes, must hold a program.")
    return Program(str(path), b"", tuple(segments), {}, Functions((), ()))
