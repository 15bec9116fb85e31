"""Bounded reading of a file in memory: every length and offset is checked against the bytes that are there."""

from __future__ import annotations

from dataclasses import dataclass

from simref.errors import ModelError


@dataclass
class Cursor:
    """A position in `data` that may move up to `stop`, exclusive. Little-endian, as HDF5 is."""

    data: bytes
    position: int
    stop: int

    def take(self, size: int) -> bytes:
        """The next `size` bytes. Raises ModelError where fewer are left."""
        if not 0 <= size <= self.stop - self.position:
            left = max(self.stop - self.position, 0)
            raise ModelError(f"damaged: {size} bytes are claimed at byte {self.position}, there are {left}")
        self.position += size
        return self.data[self.position - size : self.position]

    def number(self, size: int) -> int:
        """The next `size` bytes as an unsigned integer."""
        return int.from_bytes(self.take(size), "little")

    def skip_to_multiple_of_8(self, start: int) -> None:
        """Move on until the distance from `start` is a multiple of 8."""
        self.take((start - self.position) % 8)

    def expect(self, signature: bytes) -> None:
        """Step over a signature. Raises ModelError where other bytes stand."""
        found = self.take(len(signature))
        if found != signature:
            where = self.position - len(signature)
            raise ModelError(f"damaged: bytes at {where} are {found!r}, must be {signature!r}")


def cursor_at(data: bytes, position: int, size: int | None = None) -> Cursor:
    """A cursor over `size` bytes of `data` (None: all that follow). Raises ModelError where they are not there."""
    stop = len(data) if size is None else position + size
    if not 0 <= position <= stop <= len(data):
        raise ModelError(f"damaged: bytes {position} to {stop} are claimed, the file has {len(data)}")
    return Cursor(data, position, stop)
