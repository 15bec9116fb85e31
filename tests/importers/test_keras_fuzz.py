"""Damaged Keras files end in a graph or in one line: never another exception, never memory the file did not bring."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from simref.graph import Graph
from simref.importers.keras import import_keras_h5, import_keras_json, import_keras_zip
from tests.importers import keras_files as kf
from tests.importers import mutation
from tests.importers.keras_stored import STORED, config_of, weights_of
from tests.importers.mutation import Generator, Limits, Read, check_damaged, check_mutants

MUTANTS = 40
LIMITS = Limits(peak_bytes=16 << 20, seconds=10.0)  # tracing memory makes it several times slower
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


@pytest.fixture(autouse=True)
def _same_weights_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simref.importers.keras.open_hdf5", kf.open_hdf5_once)
    monkeypatch.setattr("simref.importers.keras.hdf5._SECONDS", LIMITS.seconds / 2)


# The number of mutants is small where each is read in a process of its own; checksums end most of the others sooner.
BYTES: dict[str, tuple[bytes, Callable[[bytes], Graph], int]] = {
    "h5": (kf.keras_h5(kf.sequential(kf.input_layer(3), kf.dense())), import_keras_h5, 20),
    "zip": (kf.keras_zip(kf.sequential(kf.input_layer(3), kf.dense())), import_keras_zip, 200),
}


@pytest.mark.parametrize("form", BYTES)
def test_damaged_bytes(form: str) -> None:
    data, read, count = BYTES[form]
    check_damaged(data, read, mutation.ALL, count, LIMITS)


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

    def mutant(number: int) -> tuple[str, Read]:
        changed = json.dumps(mutate(rng, config))
        return changed[:2000], lambda: import_keras_json(changed.encode(), weights)

    check_mutants(mutant, MUTANTS, LIMITS)


def test_damaged_layers() -> None:
    """Every kind of layer with a few fields, all of them damaged in turn."""
    from simref.importers.keras.layers import TRANSLATORS

    rng = np.random.default_rng(0)
    fields = {"units": 2, "filters": 2, "kernel_size": [2, 2], "pool_size": 2, "size": 2, "padding": "same", "axis": -1}
    fields |= {"activation": "relu", "target_shape": [3], "dims": [1], "n": 2, "input_dim": 3, "output_dim": 2}

    def mutant(number: int) -> tuple[str, Read]:
        kind = sorted(TRANSLATORS)[number % len(TRANSLATORS)]
        shape = (3, 4, 5)[: int(rng.integers(1, 4))]
        model = kf.sequential(kf.input_layer(*shape), mutate(rng, kf.layer(kind, "dense", **fields)))
        return kind, lambda: import_keras_json(kf.text(model), weights)

    weights = kf.weights()
    check_mutants(mutant, 8 * len(TRANSLATORS), LIMITS)
