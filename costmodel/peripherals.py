"""Peripheral registers of a firmware that runs without its chip: they read back what was last written.

A status register polled without end is answered by the patterns of `_answers`, one per read, so that the loop
finds the bits it waits for; every register treated so is remembered by address.
"""

from collections.abc import Iterator, Mapping, Sequence

PATIENCE = 64  # reads of one register without a write to any, before the register counts as polled
GIVE_UP = 1 << 14
READ_LIMIT = 1 << 21  # reads of one register in all: a loop that also writes, or reads a script's last value
_WORD = 0xFFFF_FFFF


class Peripherals:
    """Words by address; `scripted` registers return the values of their list in turn, the last one for ever."""

    def __init__(self, scripted: Mapping[int, Sequence[int]]) -> None:
        self.polled: dict[int, int] = {}
        self.endless: int | None = None
        self._words: dict[int, int] = {}
        self._reads: dict[int, int] = {}
        self._all_reads: dict[int, int] = {}
        self._answers: dict[int, Iterator[int]] = {}
        self._scripted = {address & ~3: list(values) for address, values in scripted.items()}

    def read(self, address: int, size: int) -> int:
        """Value of `size` bytes at `address`; sets `endless` when a poll has outlasted every answer."""
        word, shift = address & ~3, 8 * (address & 3)
        return self._word(word) >> shift & (1 << 8 * size) - 1

    def write(self, address: int, size: int, value: int) -> None:
        """Keep `value`; whoever polls starts anew."""
        word, shift = address & ~3, 8 * (address & 3)
        mask = ((1 << 8 * size) - 1) << shift
        self._words[word] = self._words.get(word, 0) & ~mask | value << shift & mask
        self._reads.clear()

    def _word(self, word: int) -> int:
        self._all_reads[word] = self._all_reads.get(word, 0) + 1
        if self._all_reads[word] % READ_LIMIT == 0:
            self.endless = word
        script = self._scripted.get(word)
        if script:
            return (script.pop(0) if len(script) > 1 else script[0]) & _WORD
        value = self._words.get(word, 0)
        reads = self._reads[word] = self._reads.get(word, 0) + 1
        if reads <= PATIENCE:
            return value
        self.polled[word] = max(self.polled.get(word, 0), reads)
        if reads > GIVE_UP:
            self.endless = word
        if reads == PATIENCE + 1:
            self._answers[word] = _answers(value)
        return next(self._answers[word])


def _answers(value: int) -> Iterator[int]:
    """All ones, all zeros, the value complemented, then the words of a fixed generator (Numerical Recipes' LCG)."""
    yield from (_WORD, 0, value ^ _WORD)
    state = 1
    while True:
        state = (1664525 * state + 1013904223) & _WORD
        yield state ^ state >> 16
