"""Which pages the emulated core has: those of the program, a stack with unmapped space below, a return page."""

from dataclasses import dataclass

from costmodel.errors import BadImage
from costmodel.program import EXECUTE, READ, WRITE, Program

PAGE = 4096
_GUARD = 1 << 20
_FIRMWARE_RETURN = 0x9FFF_F000  # the end of external RAM, the last executable address
_STACK_AREA = 0x3000_0000
_STACK_AREA_END = 0x4000_0000
# unicorn's UC_PROT_READ, _WRITE, _EXEC
_PROTECTION = {READ: 1, WRITE: 2, EXECUTE: 4}


@dataclass(frozen=True, slots=True)
class MemoryMap:
    """`regions`: (first page, last page + 1, protection); the stack spans stack_bottom up to stack_top."""

    regions: tuple[tuple[int, int, int], ...]
    stack_bottom: int
    stack_size: int
    return_address: int

    @property
    def stack_top(self) -> int:
        """Initial stack pointer."""
        return self.stack_bottom + self.stack_size

    def is_below_stack(self, address: int) -> bool:
        """Whether the address lies in the unmapped space below the stack."""
        return bool(self.stack_size) and self.stack_bottom - _GUARD <= address < self.stack_bottom

    def holds(self, address: int) -> bool:
        """Whether the address is mapped at all."""
        return any(first <= address // PAGE < last for first, last, _ in self.regions)


def layout(program: Program, stack_size: int) -> MemoryMap:
    """Place the stack where the program is not; its bottom lies on a page so that overflow faults at once."""
    stack_size = (stack_size + 7) & ~7
    pages: dict[int, int] = {}
    for segment in program.segments:
        protection = sum(value for flag, value in _PROTECTION.items() if segment.flags & flag)
        for start, size in ((segment.address, segment.size), (segment.load_address, len(segment.data))):
            for page in range(start // PAGE, -(-(start + size) // PAGE)):
                pages[page] = pages.get(page, 0) | protection
    stack_pages = -(-stack_size // PAGE)
    needed = stack_pages + 2 + 2 * (_GUARD // PAGE)
    for start in range(_STACK_AREA, _STACK_AREA_END, _GUARD):
        first = start // PAGE
        if not any(first <= page < first + needed for page in pages):
            break
    else:
        raise BadImage(f"{program.name}: leaves no room for a stack of {stack_size} bytes.")
    bottom = first + _GUARD // PAGE
    home = bottom + stack_pages + 1
    regions = [*_runs(pages), (bottom, bottom + stack_pages, 3), (home, home + 1, 5)]
    return MemoryMap(tuple(regions), bottom * PAGE, stack_size, home * PAGE)


def firmware_layout(program: Program) -> MemoryMap:
    """The pages of an image that brings its own stack, writable so that .data and code in RAM may lie there."""
    pages: dict[int, int] = {}
    for segment in program.segments:
        for start, size in ((segment.address, segment.size), (segment.load_address, len(segment.data))):
            for page in range(start // PAGE, -(-(start + size) // PAGE)):
                pages[page] = sum(_PROTECTION.values())
    pages[_FIRMWARE_RETURN // PAGE] = _PROTECTION[READ] | _PROTECTION[EXECUTE]
    return MemoryMap(tuple(_runs(pages)), 0, 0, _FIRMWARE_RETURN)


def _runs(pages: dict[int, int]) -> list[tuple[int, int, int]]:
    """Maximal runs of neighbouring pages with one protection."""
    runs: list[tuple[int, int, int]] = []
    for page in sorted(pages):
        if runs and runs[-1][1] == page and runs[-1][2] == pages[page]:
            runs[-1] = (runs[-1][0], page + 1, pages[page])
        else:
            runs.append((page, page + 1, pages[page]))
    return runs
