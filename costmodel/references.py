"""Find code in an image without symbols: who loads the address of a string, and what the loop after it calls."""

import struct
from collections.abc import Iterator

from costmodel.classify import DECODED_AT, decode
from costmodel.errors import BadImage, UnknownInstruction
from costmodel.profile import widths
from costmodel.program import LoadSegment, Program

_WINDOW = 512


def function_in_loop_after(program: Program, text: bytes) -> tuple[int, int]:
    """Where `text` is referenced, and the function that the first loop behind the reference calls.

    Raises BadImage when the text, a reference to it or such a loop is not there.
    """
    for segment in program.segments:
        position = segment.data.find(text)
        if position >= 0:
            for reference in _references(segment, segment.address + position):
                target = _called_in_loop(segment, reference)
                if target is not None:
                    return reference, target
    raise BadImage(f"{program.name}: holds no loop with a call behind a reference to {text.decode()!r}.")


def _references(segment: LoadSegment, address: int) -> Iterator[int]:
    """Addresses of the literal loads and MOVW/MOVT pairs that yield `address`."""
    data, base = segment.data, segment.address
    for offset in range(0, len(data) - 3, 2):
        first, second = struct.unpack_from("<HH", data, offset)
        pool = (base + offset + 4) & ~3
        literal = None
        if first >> 11 == 0b01001:
            literal = pool + 4 * (first & 0xFF)
        elif first & 0xFF7F == 0xF85F:
            literal = pool + (second & 0xFFF) * (1 if first & 0x80 else -1)
        loaded = literal is not None and data[literal - base : literal - base + 4] == struct.pack("<I", address)
        if loaded or _moves(data[offset : offset + 8]) == address:
            yield base + offset


def _moves(code: bytes) -> int | None:
    """Value of a MOVW followed by a MOVT of the same register."""
    if len(code) < 8:
        return None
    halves = struct.unpack("<4H", code)
    if halves[0] & 0xFBF0 != 0xF240 or halves[2] & 0xFBF0 != 0xF2C0 or (halves[1] ^ halves[3]) & 0xF00:
        return None
    low, high = (_immediate(*halves[i : i + 2]) for i in (0, 2))
    return high << 16 | low


def _immediate(first: int, second: int) -> int:
    return (first & 15) << 12 | (first & 0x400) << 1 | (second & 0x7000) >> 4 | second & 0xFF


def _called_in_loop(segment: LoadSegment, reference: int) -> int | None:
    """Target of the last BL inside the first backward branch behind `reference`."""
    start = reference - segment.address
    code = segment.data[start : start + _WINDOW]
    calls: list[tuple[int, int]] = []
    offset = 0
    for width in widths(code[:-2]):
        address, encoding = reference + offset, code[offset : offset + width]
        offset += width
        try:
            instruction = decode(encoding)
        except UnknownInstruction:
            return None
        if instruction.kind not in ("call", "branch", "branch_conditional", "compare_branch"):
            continue
        target = address + int(instruction.text.rsplit("#", 1)[1], 0) - DECODED_AT
        if instruction.kind == "call":
            calls.append((address, target))
        elif target < address:
            inside = [callee for where, callee in calls if where >= target]
            if inside:
                return inside[-1]
    return None
