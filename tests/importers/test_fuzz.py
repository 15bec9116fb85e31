"""Damaged files end in a graph or in one line: never another exception, never memory the file did not bring."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from simref.importers.tflite import import_tflite
from tests.build_tflite import pack
from tests.importers import models, mutation
from tests.importers.mutation import Generator, Limits, Mutation, check_damaged

# Python's own objects for a model of 40 kB take about 1 MB; a claim that is believed would take hundreds.
LIMITS = Limits(peak_bytes=8 << 20)
MUTANTS_PER_MODEL = 105  # 15 by each mutation
FIELDS = (-9, -2, -1, 0, 1, 2, 3, 4, 5, 7, 9, 16, 100, 127)


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


MUTATIONS: tuple[Mutation, ...] = (*mutation.ALL, change_fields, change_fields)
MODELS = Path(__file__).parent.parent / "models"
SHIPPED = sorted(MODELS.glob("*.tflite"))
# Recurrent layers with states, loops, and functions that are fused from their parts.
FLOATS = [MODELS / "float" / f"{name}.tflite" for name in ("functions", "layer_norm_spellings", "lstm", "loops")]


def _models() -> dict[str, bytes]:
    built = {model.__name__: pack(model()) for model in (models.convolution, models.flattening, models.moving)}
    return built | {path.stem: path.read_bytes() for path in (*SHIPPED, *FLOATS)}


@pytest.mark.parametrize("name", _models())
def test_mutants(name: str) -> None:
    check_damaged(
        _models()[name],
        lambda mutant: import_tflite(mutant, "m.tflite"),
        MUTATIONS,
        MUTANTS_PER_MODEL,
        LIMITS,
    )
