"""Damaged files end in a graph or in one line: never another exception, never memory the file did not bring."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from simref.check import check_graph
from simref.errors import SimrefError
from simref.importers.tflite import import_tflite
from tests.build_tflite import pack
from tests.importers import models

# Python's own objects for a model of 40 kB take about 1 MB; a claim that is believed would take hundreds.
PEAK_BYTES = 8 << 20
MUTANTS_PER_MODEL = 105  # 15 by each mutation
FIELDS = (-9, -2, -1, 0, 1, 2, 3, 4, 5, 7, 9, 16, 100, 127)
WORDS = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 1 << 20, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)

Generator = np.random.Generator
Mutation = Callable[[Generator, bytes], bytes]


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


def change_fields(rng: Generator, data: bytes) -> bytes:
    """A well-formed file that says something else: what passes the reader and meets attributes, folds and rules."""
    model = schema.ModelT.InitFromPackedBuf(data)
    subgraph = model.subgraphs[0]
    for _ in range(int(rng.integers(1, 4))):
        targets = [*subgraph.tensors, *subgraph.operators, *subgraph.operators, *model.operatorCodes]
        _change_field(rng, targets[int(rng.integers(len(targets)))])
    try:
        return pack(model)
    except (TypeError, ValueError, struct.error):  # the value does not fit the field: no such file can be
        return data[: len(data) // 2]


def _change_field(rng: Generator, table: Any) -> None:
    """Change a number, a vector or a nested table somewhere below `table`."""
    names = [name for name, value in vars(table).items() if value is not None and not isinstance(value, str | bytes)]
    if not names:
        return
    name = names[int(rng.integers(len(names)))]
    value = getattr(table, name)
    if isinstance(value, bool):
        setattr(table, name, not value)
    elif isinstance(value, int | float):
        setattr(table, name, type(value)(rng.choice(FIELDS)))
    elif isinstance(value, np.ndarray):
        setattr(table, name, _changed_vector(rng, value))
    elif hasattr(value, "Pack"):
        _change_field(rng, value)


def _changed_vector(rng: Generator, vector: NDArray[Any]) -> NDArray[Any]:
    changed = vector.copy()
    if vector.size == 0 or rng.random() < 0.3:
        return np.append(changed, changed[:1])
    if rng.random() < 0.3:
        return changed[:-1]
    changed[int(rng.integers(vector.size))] = rng.choice(FIELDS)
    return changed


MUTATIONS: tuple[Mutation, ...] = (flip_bits, write_words, truncate, splice, remove, change_fields, change_fields)
MODELS = Path(__file__).parent.parent / "models"
SHIPPED = sorted(MODELS.glob("*.tflite"))
# Recurrent layers with states, loops, and functions that are fused from their parts.
FLOATS = [MODELS / "float" / f"{name}.tflite" for name in ("functions", "layer_norm_spellings", "lstm", "loops")]


def _models() -> dict[str, bytes]:
    built = {model.__name__: pack(model()) for model in (models.convolution, models.flattening, models.moving)}
    return built | {path.stem: path.read_bytes() for path in (*SHIPPED, *FLOATS)}


@pytest.mark.parametrize("name", _models())
def test_mutants(name: str) -> None:
    data = _models()[name]
    import_tflite(data)
    rng = np.random.default_rng(len(data))
    outcomes = {"graph": 0, "refusal": 0}
    tracemalloc.start()
    try:
        for number in range(MUTANTS_PER_MODEL):
            mutation = MUTATIONS[number % len(MUTATIONS)]
            outcomes[_outcome(mutation(rng, data), f"{name} mutant {number} by {mutation.__name__}")] += 1
    finally:
        tracemalloc.stop()
    assert min(outcomes.values()) > 0, outcomes


def _outcome(mutant: bytes, which: str) -> str:
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    refusal = _refusal(mutant, which)
    _, peak = tracemalloc.get_traced_memory()
    assert peak - before < PEAK_BYTES, f"{which}: {peak - before} bytes"
    if refusal is None:
        return "graph"
    assert "\n" not in refusal, which
    assert 10 < len(refusal) < 10_000, which
    return "refusal"


def _refusal(mutant: bytes, which: str) -> str | None:
    try:
        check_graph(import_tflite(mutant, "m.tflite"))
    except SimrefError as error:
        return str(error)
    except Exception as error:
        raise AssertionError(f"{which}: {type(error).__name__}: {error}") from error
    return None
