"""Damaged Keras files end in a graph or in one line: never another exception, never memory the file did not bring."""

from __future__ import annotations

import copy
import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from simref.check import check_graph
from simref.errors import SimrefError
from simref.graph import Graph
from simref.importers.keras import import_keras_h5, import_keras_json, import_keras_zip
from tests.importers import keras_files as kf
from tests.importers.keras_stored import STORED, config_of, weights_of
from tests.importers.test_fuzz import flip_bits, remove, splice, truncate, write_words

PEAK_BYTES = 16 << 20
MUTANTS = 40
SECONDS = 10.0  # tracing memory makes it several times slower
VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1,
    2,
    3,
    7,
    1 << 31,
    1 << 70,
    0.5,
    float("nan"),
    1e400,
    "",
    "x",
    [],
    {},
    [[]],
)


Generator = np.random.Generator


@pytest.fixture(autouse=True)
def _same_weights_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simref.importers.keras.open_hdf5", kf.open_hdf5_once)
    monkeypatch.setattr("simref.importers._hdf5._SECONDS", SECONDS / 2)


def outcome(read: Callable[[], Graph], which: str) -> str:
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    started = time.perf_counter()
    refusal = _refusal(read, which)
    _, peak = tracemalloc.get_traced_memory()
    assert peak - before < PEAK_BYTES, f"{which}: {peak - before} bytes"
    assert time.perf_counter() - started < SECONDS, which
    if refusal is None:
        return "graph"
    assert "\n" not in refusal, which
    assert 10 < len(refusal) < 10_000, which
    return "refusal"


def _refusal(read: Callable[[], Graph], which: str) -> str | None:
    try:
        check_graph(read())
    except SimrefError as error:
        return str(error)
    except Exception as error:
        raise AssertionError(f"{which}: {type(error).__name__}: {error}") from error
    return None


def outcomes(mutant: Callable[[int], tuple[str, Callable[[], Graph]]], count: int) -> dict[str, int]:
    counted = {"graph": 0, "refusal": 0}
    tracemalloc.start()
    try:
        for number in range(count):
            which, read = mutant(number)
            counted[outcome(read, f"mutant {number} {which}")] += 1
    finally:
        tracemalloc.stop()
    return counted


# The number of mutants is small where each is read in a process of its own; checksums end most of the others sooner.
BYTES: dict[str, tuple[bytes, Callable[[bytes], Graph], int]] = {
    "h5": (kf.keras_h5(kf.sequential(kf.input_layer(3), kf.dense())), import_keras_h5, 20),
    "zip": (kf.keras_zip(kf.sequential(kf.input_layer(3), kf.dense())), import_keras_zip, 200),
}


@pytest.mark.parametrize("form", BYTES)
def test_damaged_bytes(form: str) -> None:
    data, read, count = BYTES[form]
    rng = np.random.default_rng(len(data))
    mutations = (flip_bits, write_words, truncate, splice, remove)

    def mutant(number: int) -> tuple[str, Callable[[], Graph]]:
        mutation = mutations[number % len(mutations)]
        damaged = mutation(rng, data)
        return mutation.__name__, lambda: read(damaged)

    counted = outcomes(mutant, count)
    assert min(counted.values()) > 0, counted


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) below a JSON value."""
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict | list):
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        for key in keys:
            items += [(value, key), *_places(value[key])]
    return items


def mutate(rng: Generator, config: Any) -> Any:
    """Replace, delete or double some fields, or put one in the place of another."""
    changed = copy.deepcopy(config)
    for _ in range(int(rng.integers(1, 4))):
        places = _places(changed)
        container, key = places[int(rng.integers(len(places)))]
        action = int(rng.integers(6))
        if action <= 2:
            container[key] = VALUES[int(rng.integers(len(VALUES)))]
        elif action == 3:
            del container[key]
        elif action == 4 and isinstance(container, list):
            container.append(copy.deepcopy(container[key]))
        else:
            other, at = places[int(rng.integers(len(places)))]
            container[key] = copy.deepcopy(other[at])
    return changed


@pytest.mark.parametrize("name", STORED)
def test_damaged_configurations(name: str) -> None:
    config, weights = config_of(name), weights_of(name)
    rng = np.random.default_rng(len(name))

    def mutant(number: int) -> tuple[str, Callable[[], Graph]]:
        changed = json.dumps(mutate(rng, config))
        return changed[:2000], lambda: import_keras_json(changed.encode(), weights)

    counted = outcomes(mutant, MUTANTS)
    assert min(counted.values()) > 0, counted


def test_damaged_layers() -> None:
    """Every kind of layer with a few fields, all of them damaged in turn."""
    from simref.importers._keras_layers import TRANSLATORS

    rng = np.random.default_rng(0)
    fields = {"units": 2, "filters": 2, "kernel_size": [2, 2], "pool_size": 2, "size": 2, "padding": "same", "axis": -1}
    fields |= {"activation": "relu", "target_shape": [3], "dims": [1], "n": 2, "input_dim": 3, "output_dim": 2}

    def mutant(number: int) -> tuple[str, Callable[[], Graph]]:
        kind = sorted(TRANSLATORS)[number % len(TRANSLATORS)]
        shape = (3, 4, 5)[: int(rng.integers(1, 4))]
        model = kf.sequential(kf.input_layer(*shape), mutate(rng, kf.layer(kind, "dense", **fields)))
        return kind, lambda: import_keras_json(kf.text(model), weights)

    weights = kf.weights()
    counted = outcomes(mutant, 8 * len(TRANSLATORS))
    assert min(counted.values()) > 0, counted
