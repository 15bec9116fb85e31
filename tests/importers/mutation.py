"""Damage to files, and what must come of reading one: a graph or a refusal of one line, in little memory and time."""

from __future__ import annotations

import math
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simref.check import check_graph
from simref.errors import SimrefError
from simref.graph import Graph

WORDS = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 1 << 20, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)

Generator = np.random.Generator
Mutation = Callable[[Generator, bytes], bytes]
Read = Callable[[], Graph]


@dataclass(frozen=True)
class Limits:
    """What reading one mutant may take: bytes beyond those that were held before, and seconds."""

    peak_bytes: int
    seconds: float = math.inf


def flip_bits(rng: Generator, data: bytes) -> bytes:
    damaged = bytearray(data)
    for position in rng.integers(0, len(data), rng.integers(1, 9)):
        damaged[position] ^= 1 << int(rng.integers(8))
    return bytes(damaged)


def write_words(rng: Generator, data: bytes) -> bytes:
    """Fields and offsets of a flatbuffer are aligned words: replace some by values at the edges."""
    damaged = bytearray(data)
    for position in rng.integers(0, len(data) // 4, rng.integers(1, 4)):
        word = int(rng.choice(WORDS)) if rng.random() < 0.7 else int(rng.integers(len(data)))
        damaged[4 * position : 4 * position + 4] = word.to_bytes(4, "little")
    return bytes(damaged)


def truncate(rng: Generator, data: bytes) -> bytes:
    return data[: int(rng.integers(len(data)))]


def splice(rng: Generator, data: bytes) -> bytes:
    """Copy one stretch of the file over another."""
    length = int(rng.integers(1, min(256, len(data) // 2)))
    source, target = (int(position) for position in rng.integers(0, len(data) - length, 2))
    return data[:target] + data[source : source + length] + data[target + length :]


def remove(rng: Generator, data: bytes) -> bytes:
    start, length = int(rng.integers(8, len(data))), int(rng.integers(1, 64))
    return data[:start] + data[start + length :]


ALL: tuple[Mutation, ...] = (flip_bits, write_words, truncate, splice, remove)


def check_damaged(
    data: bytes, read: Callable[[bytes], Graph], mutations: Sequence[Mutation], count: int, limits: Limits
) -> None:
    """The mutations of a valid file, in turn; see check_mutants."""
    read(data)
    rng = np.random.default_rng(len(data))

    def mutant(number: int) -> tuple[str, Read]:
        mutation = mutations[number % len(mutations)]
        damaged = mutation(rng, data)
        return f"by {mutation.__name__}", lambda: read(damaged)

    check_mutants(mutant, count, limits)


def check_mutants(mutant: Callable[[int], tuple[str, Read]], count: int, limits: Limits) -> None:
    """Every mutant is read within the limits or refused, and there are some of either kind.

    mutant: for each number a description and what reads it.
    """
    outcomes = {"graph": 0, "refusal": 0}
    tracemalloc.start()
    try:
        for number in range(count):
            which, read = mutant(number)
            outcomes[_outcome(read, f"mutant {number} {which}", limits)] += 1
    finally:
        tracemalloc.stop()
    assert min(outcomes.values()) > 0, outcomes


def _outcome(read: Read, which: str, limits: Limits) -> str:
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    started = time.perf_counter()
    refusal = _refusal(read, which)
    _, peak = tracemalloc.get_traced_memory()
    assert peak - before < limits.peak_bytes, f"{which}: {peak - before} bytes"
    assert time.perf_counter() - started < limits.seconds, which
    if refusal is None:
        return "graph"
    assert "\n" not in refusal, which
    assert 10 < len(refusal) < 10_000, which
    return "refusal"


def _refusal(read: Read, which: str) -> str | None:
    try:
        check_graph(read())
    except SimrefError as error:
        return str(error)
    except Exception as error:
        raise AssertionError(f"{which}: {type(error).__name__}: {error}") from error
    return None
