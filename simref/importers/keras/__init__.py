"""Keras files to graphs: `.h5`, `.keras`, and an architecture's JSON with its weights; Keras itself is not needed.

Nothing from the file is executed: a Lambda layer or a class of the user's own is refused by name. Sequential and
functional models of Keras 2 and 3 are read, models inside models, and layers called several times.
"""

from __future__ import annotations

from typing import Any

from simref.errors import ModelError
from simref.graph import Graph
from simref.importers.keras.archive import read_archive
from simref.importers.keras.config import parse
from simref.importers.keras.hdf5 import Object, open_hdf5
from simref.importers.keras.model import DAMAGE, build_graph
from simref.importers.keras.topology import MODELS, read_layer
from simref.importers.keras.weights import open_weights


def import_keras_h5(data: bytes, name: str = "model") -> Graph:
    """Return the graph of a whole model in HDF5 (`model.save("x.h5")` of Keras 2 and 3); `name` becomes its name.

    Layers are named as in Keras, those of a model in the model `outer/inner`; a layer's activation is a layer of its
    own, such as `dense/relu`. The batch is 1. Raises ModelError, which starts with `name`, or UnsupportedError.
    """
    return _import(name, lambda: _from_hdf5(open_hdf5(data), name))


def import_keras_zip(data: bytes, name: str = "model") -> Graph:
    """The same of a `.keras` file."""
    return _import(name, lambda: _from_archive(data, name))


def import_keras_json(config: bytes, weights: bytes, name: str = "model") -> Graph:
    """The same of `model.to_json()` and the weights in HDF5, in the layout of Keras 2 or 3."""
    return _import(name, lambda: _from_json(config, weights, name))


def _import(name: str, read: Any) -> Graph:
    try:
        graph: Graph = read()
        return graph
    except ModelError as error:
        raise ModelError(f"{name}: {error}") from error
    except RecursionError as error:
        raise ModelError(f"{name}: it is nested too deeply") from error
    except DAMAGE as error:
        text = " ".join(str(error).split())[:120]
        raise ModelError(f"{name}: it is malformed ({type(error).__name__}: {text})") from error


def _from_hdf5(root: Object, name: str) -> Graph:
    stored = root.attribute("model_config")
    if not isinstance(stored, list) or len(stored) != 1:
        raise ModelError(
            "it has no model_config: it holds weights only. Save the whole model, or give the architecture's JSON too."
        )
    return _graph(parse(stored[0], "model_config"), root, name, _version(root))


def _from_json(config: bytes, weights: bytes, name: str) -> Graph:
    try:
        root = open_hdf5(weights)
    except ModelError as error:
        raise ModelError(f"its weights file: {error}") from error
    return _graph(parse(config, "the architecture"), root, name, "")


def _from_archive(data: bytes, name: str) -> Graph:
    config, metadata, weights = read_archive(data)
    version = parse(metadata, "metadata.json").get("keras_version")
    return _graph(parse(config, "config.json"), open_hdf5(weights), name, str(version or ""))


def _version(root: Object) -> str:
    """The version of Keras that a whole model or a weights file names; empty where it names none."""
    for holder in (root, root.children.get("model_weights")):
        stored = None if holder is None else holder.attribute("keras_version")
        if isinstance(stored, list) and stored:
            return stored[0]
    return ""


def _graph(config: dict[str, Any], root: Object, name: str, version: str) -> Graph:
    model = read_layer(config, ())
    if model.kind not in MODELS:
        model.config.refuse(f"the model's class must be {' or '.join(MODELS)}")
    stored = config.get("keras_version")
    return build_graph(model, open_weights(root), name, _major(version or str(stored or ""), model.module))


def _major(version: str, module: str) -> int:
    """Keras' major version, by what the file says, else by its form: only Keras 3 names modules everywhere."""
    first = version.split(".", maxsplit=1)[0]
    return int(first) if first in ("1", "2", "3") else (3 if module else 2)
