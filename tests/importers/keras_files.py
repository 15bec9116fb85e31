"""Keras files of a few layers, written without Keras."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import h5py
import numpy as np

from simref.importers.keras.hdf5 import open_hdf5

Json = dict[str, Any]

# For tests that import many models with the same weights: reading them takes a process of its own.
open_hdf5_once = lru_cache(open_hdf5)


def layer(kind: str, name: str, **config: Any) -> Json:
    """A layer as Keras 3 stores it."""
    return {
        "module": "keras.layers",
        "class_name": kind,
        "config": {"name": name, **config},
        "registered_name": None,
    }


def input_layer(*shape: int | None, name: str = "x", **config: Any) -> Json:
    return layer("InputLayer", name, batch_shape=[None, *shape], **config)


def dense(name: str = "dense", units: int = 2, **config: Any) -> Json:
    return layer("Dense", name, units=units, **config)


def sequential(*layers: Json, name: str = "sequential", **config: Any) -> Json:
    return {**layer("Sequential", name, layers=list(layers), **config), "module": "keras"}


def tensor(name: str, call: int = 0, number: int = 0) -> Json:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, call, number]}}


def called(stored: Json, *args: Any, **kwargs: Any) -> Json:
    """The layer with one more call."""
    name = stored["config"]["name"]
    nodes = [*stored.get("inbound_nodes", []), {"args": list(args), "kwargs": kwargs}]
    return {**stored, "name": name, "inbound_nodes": nodes}


def functional(layers: Sequence[Json], inputs: Any, outputs: Any, name: str = "model") -> Json:
    stored = [{"name": x["config"]["name"], "inbound_nodes": [], **x} for x in layers]
    config = layer("Functional", name, layers=stored, input_layers=inputs, output_layers=outputs)
    return {**config, "module": "keras.src.models.functional"}


def text(model: Json) -> bytes:
    return json.dumps(model).encode()


def weights(arrays: Mapping[str, Any] | None = None) -> bytes:
    """An HDF5 file with a dataset for each path; by default those of one dense layer of 3 inputs and 2 units."""
    file = io.BytesIO()
    with h5py.File(file, "w") as root:
        root.create_group("layers")
        for path, array in (DENSE if arrays is None else arrays).items():
            root[path] = np.asarray(array, getattr(array, "dtype", np.float32))
    return file.getvalue()


KERNEL = np.arange(6, dtype=np.float32).reshape(3, 2)
BIAS = np.array([0.5, -1.5], np.float32)
DENSE = {"layers/dense/vars/0": KERNEL, "layers/dense/vars/1": BIAS}


def archive(members: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return file.getvalue()


def keras_zip(model: Json, arrays: Mapping[str, Any] | None = None) -> bytes:
    metadata = text({"keras_version": "3.4.1"})
    return archive({"metadata.json": metadata, "config.json": text(model), "model.weights.h5": weights(arrays)})


def keras_h5(model: Json) -> bytes:
    """A whole model with one dense layer, in the layout by name."""
    file = io.BytesIO()
    with h5py.File(file, "w") as root:
        root.attrs["model_config"] = json.dumps(model)
        root.attrs["keras_version"] = "2.15.0"
        group = root.create_group("model_weights")
        group.attrs["layer_names"] = [b"dense"]
        own = group.create_group("dense")
        own.attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
        own["dense/kernel:0"], own["dense/bias:0"] = KERNEL, BIAS
    return file.getvalue()
