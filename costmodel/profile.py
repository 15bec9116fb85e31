"""What a run executed: how often each basic block followed which other, per segment between two marks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from costmodel.program import Functions

Int64 = npt.NDArray[np.int64]
OUTSIDE = -1


@dataclass(frozen=True, slots=True)
class Profile:
    """Blocks and counted edges of one call.

    `address`, `size` (bytes) and `block_instructions` are int64 [blocks]; `code` holds each block's bytes. `edges` is
    int64 [n, 4] of segment, source block, target block, count; OUTSIDE stands for the caller: as source of
    the first block, as target of the last. An edge belongs to the segment of its target. `events` counts what a
    board's memories did, int64 [segments] by name, e.g. `flash.read_next`; none without such a board.
    """

    segments: int
    address: Int64
    size: Int64
    block_instructions: Int64
    code: tuple[bytes, ...]
    edges: Int64
    functions: Functions
    events: Mapping[str, Int64] = field(default_factory=dict)

    def block_counts(self, segment: int | None = None) -> Int64:
        """How often each block ran, int64 [blocks], in one segment or in all."""
        rows = self.edges[self.edges[:, 2] != OUTSIDE]
        if segment is not None:
            rows = rows[rows[:, 0] == segment]
        counts = np.zeros(len(self.address), np.int64)
        np.add.at(counts, rows[:, 2], rows[:, 3])
        return counts

    def instructions(self, segment: int | None = None) -> int:
        """Instructions executed in one segment or in all; a predicated one counts even when skipped."""
        return int(self.block_counts(segment) @ self.block_instructions)

    @property
    def total_instructions(self) -> int:
        """Instructions executed in all segments."""
        return self.instructions()

    def save(self, path: Path) -> None:
        """Write an .npz file that `load_profile` reads."""
        np.savez_compressed(
            path,
            segments=np.int64(self.segments),
            address=self.address,
            size=self.size,
            code=np.frombuffer(b"".join(self.code), np.uint8),
            edges=self.edges,
            function_address=np.array(self.functions.addresses, np.int64),
            function_name=np.array(self.functions.names, np.str_),
            event_name=np.array(tuple(self.events), np.str_),
            event_count=np.array([*self.events.values()], np.int64).reshape(len(self.events), self.segments),
        )


def load_profile(path: Path) -> Profile:
    """Read what `Profile.save` wrote."""
    with np.load(path, allow_pickle=False) as file:
        address, size, code = file["address"], file["size"], file["code"].tobytes()
        functions = Functions(tuple(file["function_address"].tolist()), tuple(file["function_name"].tolist()))
        segments, edges = int(file["segments"]), file["edges"]
        events = dict(zip(file["event_name"].tolist(), file["event_count"], strict=True))
    ends = np.cumsum(size).tolist()
    parts = tuple(code[end - n : end] for end, n in zip(ends, size.tolist(), strict=True))
    return make_profile(segments, address, parts, edges, functions, events)


def make_profile(
    segments: int,
    address: Int64,
    code: tuple[bytes, ...],
    edges: Int64,
    functions: Functions,
    events: Mapping[str, Int64] | None = None,
) -> Profile:
    """Profile of blocks given by address and bytes; instructions are counted from the bytes."""
    size = np.array([len(part) for part in code], np.int64)
    count = np.array([len(widths(part)) for part in code], np.int64)
    return Profile(segments, address, size, count, code, edges, functions, events or {})


def widths(code: bytes) -> list[int]:
    """Sizes in bytes of the Thumb instructions in `code`: 4 when the top five bits exceed 0b11100, else 2."""
    result = []
    offset = 0
    while offset < len(code):
        width = 4 if code[offset + 1] >= 0xE8 else 2
        result.append(width)
        offset += width
    return result
