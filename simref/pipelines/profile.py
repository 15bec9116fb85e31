"""Profile any firmware image: from reset to a function and through its calls, or from one address to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simref.errors import UsageError
from simref.pipelines.predict import choose_core

if TYPE_CHECKING:
    from costmodel.board import Board
    from costmodel.core import Core
    from costmodel.cycles import Estimate
    from costmodel.firmware import Call, Firmware
    from costmodel.hotspots import Hotspots
    from costmodel.program import Program

BOOT_LIMIT = 20_000_000
RUN_LIMIT = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Region:
    """What to profile: each call of `function` (at most `calls`), or one run from `start` to `end`.

    Names or addresses, as the user gave them. `twice`: call once more with the same registers and count that.
    """

    function: str | None = None
    start: str | None = None
    end: str | None = None
    calls: int = 1
    twice: bool = False


@dataclass(frozen=True, slots=True)
class ProfiledCall:
    """One call and its price; `stack` in bytes."""

    name: str
    address: int
    stack: int
    estimate: Estimate
    hotspots: Hotspots


@dataclass(frozen=True, slots=True)
class ImageProfile:
    """Everything `simref profile` found in an image; `polled`: register -> reads until a poll ended."""

    image: str
    core: Core
    board: Board | None
    clock_hz: int
    calls: tuple[ProfiledCall, ...]
    polled: Mapping[int, int]
    notes: tuple[str, ...]
    program: Program


def profile_image(
    image: Path,
    region: Region,
    *,
    core: str | None = None,
    board: str | None = None,
    clock_hz: int | None = None,
    base: int | None = None,
    mmio: Mapping[int, Sequence[int]] | None = None,
    limit: int = BOOT_LIMIT,
) -> ImageProfile:
    """Run an image and price what the region covers; `limit` instructions may pass before it is reached.

    Raises UsageError, and CostModelError when the image cannot be loaded, run or priced.
    """
    from costmodel.firmware import Firmware
    from costmodel.image import load_image
    from costmodel.memory import MemorySimulation

    _check(region)
    on_core, on_board = choose_core(core, board)
    firmware = Firmware(load_image(image, base), on_core, limit=limit, mmio=mmio)
    if on_board is not None:
        firmware.watch(MemorySimulation(on_board))
    found, notes = _run(firmware, region)
    calls = tuple(_priced(call, firmware, on_board) for call in found)
    return ImageProfile(
        image=str(image),
        core=on_core,
        board=on_board,
        clock_hz=clock_hz or calls[0].estimate.clock_hz,
        calls=calls,
        polled=dict(firmware.peripherals.polled),
        notes=(*notes, *_polls(firmware), *calls[0].estimate.assumptions),
        program=firmware.program,
    )


def parse_mmio(texts: Sequence[str]) -> dict[int, list[int]]:
    """Read `ADDRESS=VALUE[,VALUE...]`; raises UsageError."""
    scripts: dict[int, list[int]] = {}
    for text in texts:
        address, _, values = text.partition("=")
        try:
            scripts[int(address, 0)] = [int(value, 0) for value in values.split(",")]
        except ValueError:
            raise UsageError(f'--mmio is "{text}", must be ADDRESS=VALUE[,VALUE...]') from None
    return scripts


def parse_address(text: str, option: str) -> int:
    """Read an address such as 0x08000000; raises UsageError."""
    try:
        value = int(text, 0)
    except ValueError:
        value = -1
    if not 0 <= value < 1 << 32:
        raise UsageError(f'{option} is "{text}", must be an address such as 0x08000000')
    return value


def _check(region: Region) -> None:
    if (region.function is None) == (region.end is None):
        raise UsageError("nothing to profile: give --function NAME or ADDRESS, or --to with --from, not both")
    if region.function is not None and region.start is not None:
        raise UsageError("--from goes with --to, not with --function")


def _run(firmware: Firmware, region: Region) -> tuple[list[Call], list[str]]:
    if region.function is not None:
        return _calls(firmware, _address(firmware, region.function, "--function"), region)
    assert region.end is not None
    start = firmware.vectors[1] & ~1 if region.start is None else _address(firmware, region.start, "--from")
    firmware.run_to(start)
    firmware.limit = RUN_LIMIT
    return [firmware.profile_from(start, _address(firmware, region.end, "--to"))], []


def _calls(firmware: Firmware, function: int, region: Region) -> tuple[list[Call], list[str]]:
    """Each call that the firmware makes, or one call from here when it makes none."""
    from costmodel.errors import EndlessPoll, InstructionLimit

    boot_limit, notes = firmware.limit, []
    found: list[Call] = []
    while len(found) < region.calls:
        firmware.limit = boot_limit
        try:
            if firmware.has_vectors:
                firmware.run_to(function)
            elif found:
                break
            else:
                notes.append("the image has no vector table: the function was called without a start from reset")
        except (EndlessPoll, InstructionLimit) as error:
            if found:
                notes.append(f"no further call: {error}")
                break
            notes.append(f"called directly, with the registers as they were, because the firmware did not: {error}")
        firmware.limit = RUN_LIMIT
        found.append(firmware.profile_call(function, region.twice))
        if notes:
            break
    return found, notes


def _address(firmware: Firmware, text: str, option: str) -> int:
    """Address of a symbol or of a number, thumb bit cleared."""
    symbols = firmware.program.symbols
    if text in symbols:
        return symbols[text] & ~1
    if text[:1].isdigit():
        return parse_address(text, option) & ~1
    known = "the image has no symbols" if not symbols else "no such symbol in the image"
    raise UsageError(f'{option} is "{text}": {known}, give an address such as 0x08000000')


def _priced(call: Call, firmware: Firmware, board: Board | None) -> ProfiledCall:
    from costmodel.cycles import estimate
    from costmodel.fit import shipped_fit
    from costmodel.hotspots import hotspots

    return ProfiledCall(
        name=firmware.program.functions.at(call.address),
        address=call.address,
        stack=call.stack,
        estimate=estimate(call.profile, firmware.core, board, None if board is None else shipped_fit(board)),
        hotspots=hotspots(call.profile, firmware.core),
    )


def _polls(firmware: Firmware) -> list[str]:
    """What was done about registers that the firmware polled."""
    return [
        f"register 0x{address:08x} was polled {reads} times and then answered with all ones, zeros and other patterns; "
        f"--mmio 0x{address:08x}=VALUE gives it a value"
        for address, reads in sorted(firmware.peripherals.polled.items())
    ]
