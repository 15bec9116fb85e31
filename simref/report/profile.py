"""A profile of a firmware image as tables for a terminal, or as JSON."""

from __future__ import annotations

from typing import Any

from tabulate import tabulate

from simref.pipelines.profile import ImageProfile, ProfiledCall

_BLOCKS_ANNOTATED = 3


def profile_text(profile: ImageProfile, annotate: bool = False) -> str:
    """The whole report; `annotate`: the hottest blocks instruction by instruction."""
    board = f" on {profile.board.name}" if profile.board else ""
    parts = [f"{profile.image}: {profile.core.name}{board} at {profile.clock_hz / 1e6:g} MHz\n", _calls(profile)]
    hottest = max(profile.calls, key=lambda call: call.estimate.total_cycles)
    parts += ["", _functions(hottest), "", _blocks(profile, hottest)]
    if annotate:
        parts += _annotated(profile, hottest)
    return "\n".join([*parts, "", *(f"note: {note}" for note in profile.notes)])


def profile_json(profile: ImageProfile) -> dict[str, Any]:
    """One object; `cycles_low` and `cycles_high` are null where no hardware evidence gives a band."""
    return {
        "image": profile.image,
        "core": profile.core.id,
        "board": profile.board.id if profile.board else None,
        "clock_hz": profile.clock_hz,
        "calls": [_call_json(profile, call) for call in profile.calls],
        "polled": {f"0x{address:08x}": reads for address, reads in profile.polled.items()},
        "notes": list(profile.notes),
    }


def _call_json(profile: ImageProfile, call: ProfiledCall) -> dict[str, Any]:
    e = call.estimate
    return {
        "function": call.name,
        "address": call.address,
        "instructions": e.total_instructions,
        "cycles": e.total_cycles,
        "cycles_low": e.band[0] if e.band else None,
        "cycles_high": e.band[1] if e.band else None,
        "stall_cycles": sum(e.stall_cycles),
        "milliseconds": 1e3 * e.total_cycles / profile.clock_hz,
        "stack": call.stack,
        "hottest_functions": [
            {"function": f.name, "address": f.address, "instructions": f.instructions, "cycles": f.cycles}
            for f in call.hotspots.functions
        ],
        "hottest_blocks": [
            {
                "address": b.address,
                "source": profile.program.source_line(b.address),
                "count": b.count,
                "instructions": b.instructions,
                "cycles": b.cycles,
            }
            for b in call.hotspots.blocks
        ],
    }


def _calls(profile: ImageProfile) -> str:
    rows = [
        [
            call.name,
            f"{call.estimate.total_instructions:,}",
            f"{call.estimate.total_cycles:,}",
            f"{call.estimate.total_cycles / max(call.estimate.total_instructions, 1):.2f}",
            "-" if call.estimate.band is None else "{:,} to {:,}".format(*call.estimate.band),
            f"{sum(call.estimate.stall_cycles):,}" if profile.board else "-",
            f"{1e3 * call.estimate.total_cycles / profile.clock_hz:.3f}",
            f"{call.stack:,}",
        ]
        for call in profile.calls
    ]
    headers = ["call of", "instructions", "cycles", "CPI", "9 of 10 within", "memory stalls", "ms", "stack B"]
    return tabulate(rows, headers, disable_numparse=True, colalign=("left", *["right"] * 7))


def _functions(call: ProfiledCall) -> str:
    rows = [[f.name, f"{f.instructions:,}", f"{f.cycles:,}", _share(f.cycles, call)] for f in call.hotspots.functions]
    headers = ["hottest functions", "instructions", "pipeline cycles", "share"]
    return tabulate(rows, headers, disable_numparse=True, colalign=("left", "right", "right", "right"))


def _blocks(profile: ImageProfile, call: ProfiledCall) -> str:
    rows = [
        [_place(profile, b.address), f"{b.count:,}", f"{b.instructions:,}", f"{b.cycles:,}", _share(b.cycles, call)]
        for b in call.hotspots.blocks
    ]
    headers = ["hottest blocks", "times", "instructions", "pipeline cycles", "share"]
    return tabulate(rows, headers, disable_numparse=True, colalign=("left", *["right"] * 4))


def _share(cycles: int, call: ProfiledCall) -> str:
    return f"{100 * cycles / max(call.estimate.total_cycles, 1):.1f} %"


def _place(profile: ImageProfile, address: int) -> str:
    line = profile.program.source_line(address)
    name = profile.program.functions.at(address)
    where = f"0x{address:08x}" if name.startswith("0x") else f"0x{address:08x} {name}"
    return f"{where} ({line})" if line else where


def _annotated(profile: ImageProfile, call: ProfiledCall) -> list[str]:
    parts = []
    for block in call.hotspots.blocks[:_BLOCKS_ANNOTATED]:
        rows = [[f"{line.issue}", f"{line.address:08x}", line.text, line.reason] for line in block.lines]
        table = tabulate(rows, ["cycle", "address", "instruction", "why then"], disable_numparse=True)
        parts += ["", f"{_place(profile, block.address)}, {block.count:,} times:", table]
    return parts
