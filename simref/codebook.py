"""Compressed weights: a small table of float32 values and, for each weight, the index of its value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Entries of a codebook by the bits of an index: lut4 and lut8.
ENTRIES = {4: 16, 8: 256}


@dataclass(frozen=True, eq=False, slots=True)
class Codebook:
    """Weights as indices into a table of values.

    values: float32 of shape (groups, entries), 16 or 256 entries. One group serves all weights, or each channel has
        its own.
    indices: uint8 of the weights' shape, each below `entries`.
    axis: the channel axis of the weights: the groups lie along it where there are several.
    Raises ValueError where the three contradict each other.
    """

    values: NDArray[np.float32]
    indices: NDArray[np.uint8]
    axis: int = 0

    def __post_init__(self) -> None:
        groups, entries = self.values.shape
        if entries not in ENTRIES.values() or groups not in (1, self.channels):
            raise ValueError(f"a codebook has {groups} x {entries} values for {self.channels} channels")
        if int(self.indices.max(initial=0)) >= entries:
            raise ValueError(f"an index is {self.indices.max()}, must be below {entries}")

    @property
    def entries(self) -> int:
        """Values per group: 16 (lut4) or 256 (lut8)."""
        return int(self.values.shape[1])

    @property
    def bits(self) -> int:
        """Bits of a stored index: 4 or 8."""
        return (self.entries - 1).bit_length()

    @property
    def groups(self) -> int:
        """Tables: 1 for the whole tensor, or one per channel."""
        return len(self.values)

    @property
    def channels(self) -> int:
        """The size of the channel axis."""
        return int(self.indices.shape[self.axis])

    @property
    def nbytes(self) -> int:
        """Bytes stored: the tables, and the packed indices."""
        return self.values.nbytes + packed_bytes(self.indices.size, self.bits)

    def decode(self) -> NDArray[np.float32]:
        """The weights, float32 in their own shape."""
        if self.groups == 1:
            return np.take(self.values[0], self.indices)
        rows = np.moveaxis(self.indices, self.axis, 0)
        decoded = np.take_along_axis(self.values, rows.reshape(self.channels, -1).astype(np.intp), axis=1)
        return np.ascontiguousarray(np.moveaxis(decoded.reshape(rows.shape), 0, self.axis))


def packed_bytes(items: int, bits: int) -> int:
    """Bytes of so many packed indices, rounded up once."""
    return -(-items * bits // 8)
