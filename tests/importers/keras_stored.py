"""The Keras files in `keras.zip`, and what Keras computes with them; `tests.importers.keras_outputs` writes it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from simref.graph import Graph
from simref.importers.keras import import_keras_h5, import_keras_json, import_keras_zip
from simref.importers.keras.hdf5 import open_hdf5

ARCHIVE = Path(__file__).with_name("keras.zip")
OUTPUTS = "outputs.npz"


def _read(name: str) -> bytes:
    with zipfile.ZipFile(ARCHIVE) as archive:
        return archive.read(name)


def _names() -> list[str]:
    with zipfile.ZipFile(ARCHIVE) as archive:
        return sorted(name for name in archive.namelist() if name.endswith((".h5", ".keras", ".json")))


STORED = _names() if ARCHIVE.is_file() else []


def weights_name(name: str) -> str:
    """Where the weights of an architecture stand."""
    return name.replace(".json", ".weights")


def config_of(name: str) -> Any:
    """The architecture in a file, as JSON."""
    data = _read(name)
    if name.endswith(".json"):
        return json.loads(data)
    if name.endswith(".keras"):
        return json.loads(zipfile.ZipFile(io.BytesIO(data)).read("config.json"))
    stored = open_hdf5(data).attribute("model_config")
    assert isinstance(stored, list)
    return json.loads(stored[0])


def import_stored(name: str) -> Graph:
    """The graph of a file."""
    if name.endswith(".json"):
        return import_keras_json(_read(name), weights_of(name), name)
    return (import_keras_h5 if name.endswith(".h5") else import_keras_zip)(_read(name), name)


def weights_of(name: str) -> bytes:
    """The HDF5 file with a file's weights."""
    data = _read(weights_name(name))
    return zipfile.ZipFile(io.BytesIO(data)).read("model.weights.h5") if name.endswith(".keras") else data


def outputs_of_keras(name: str) -> tuple[list[np.ndarray[Any, Any]], list[np.ndarray[Any, Any]]]:
    """(inputs, outputs), each array with a leading sample axis."""
    with np.load(io.BytesIO(_read(OUTPUTS)), allow_pickle=False) as stored:

        def group(kind: str) -> list[np.ndarray[Any, Any]]:
            return [stored[key] for key in sorted(stored) if key.startswith(f"{name}/{kind}/")]

        return group("x"), group("y")
