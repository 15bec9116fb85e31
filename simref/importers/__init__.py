"""Model files to graphs, one module per format, recognised by content."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from simref.check import check_graph
from simref.errors import ModelError, UnsupportedError, UsageError
from simref.graph import Graph, Shape

__all__ = ["Loaded", "load", "load_model"]

# Twice the largest memory-mapped flash window of a Cortex-M board (256 MB QSPI).
MAX_FILE_BYTES = 1 << 29

FORMATS = ".tflite, .h5, .hdf5, .keras, .json with its weights, .onnx or .pt2"
OTHER_FORMATS = {
    ".pb": "TensorFlow GraphDef or SavedModel",
    ".pt": "a pickled PyTorch module",
    ".pth": "a pickled PyTorch module",
    ".pte": "ExecuTorch",
    ".mlmodel": "Core ML",
}


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model file's graph, its format ("tflite", "keras", "onnx", "torch") and the SHA-256 of the bytes read."""

    graph: Graph
    format: str
    sha256: str


def load(
    path: str | Path, *, weights: str | Path | None = None, input_shapes: Mapping[str, Shape] | None = None
) -> Graph:
    """Read a model file into a graph whose every layer is supported.

    weights: the weights file (.h5) of a Keras architecture (.json). input_shapes: sizes of inputs whose dimensions the
    file leaves open, by name. The format is recognised by the file's content. Raises ModelError where the file is
    missing, unreadable or malformed, UnsupportedError for another format or a layer that is not supported, UsageError
    for arguments that do not fit the format.
    """
    return load_model(Path(path), weights=None if weights is None else Path(weights), input_shapes=input_shapes).graph


def load_model(path: Path, *, weights: Path | None = None, input_shapes: Mapping[str, Shape] | None = None) -> Loaded:
    """The same, with the format and the hash of exactly the bytes that were read."""
    data = _content(path)
    kind = _format_of(path, data)
    if weights is not None and kind != "keras json":
        raise UsageError(
            f"--weights is given, but {path} holds its own. Only a Keras architecture .json takes weights."
        )
    if input_shapes and kind not in ("onnx", "torch"):
        raise UsageError(f"--input-shape is given, but {path} is no ONNX file: its shapes must be fixed before saving.")
    graph = _imported(kind, path, data, weights, input_shapes or {})
    check_graph(graph)
    return Loaded(graph, kind.partition(" ")[0], sha256(data).hexdigest())


def _imported(kind: str, path: Path, data: bytes, weights: Path | None, input_shapes: Mapping[str, Shape]) -> Graph:
    """The graph of a file's content. Importers are loaded here because each takes longer than all the command line."""
    match kind:
        case "onnx":
            from simref.importers.onnx import import_onnx

            return import_onnx(data, path.name, folder=path.parent, input_shapes=input_shapes)
        case "torch":
            from simref.importers.torch import import_torch

            return import_torch(data, path.name, input_shapes=input_shapes)
        case "keras h5":
            from simref.importers.keras import import_keras_h5

            return import_keras_h5(data, path.name)
        case "keras zip":
            from simref.importers.keras import import_keras_zip

            return import_keras_zip(data, path.name)
        case "keras json":
            from simref.importers.keras import import_keras_json

            if weights is None:
                raise UsageError(f"{path}: is an architecture without weights. Give its weights file with --weights.")
            return import_keras_json(data, _content(weights), path.name)
        case _:
            from simref.importers.tflite import import_tflite

            return import_tflite(data, path.name)


def _format_of(path: Path, data: bytes) -> str:
    """A format's name, by content; ONNX, which has no signature, by its suffix."""
    suffix = path.suffix.lower()
    if data[4:8] == b"TFL3":
        return "tflite"
    if data.startswith(b"\x89HDF\r\n\x1a\n"):
        return "keras h5"
    if data.startswith(b"PK\x03\x04"):
        return _zip_format(path, data)
    if suffix == ".json" and data.lstrip().startswith(b"{"):
        return "keras json"
    if suffix == ".onnx":
        return "onnx"
    if suffix in OTHER_FORMATS:
        raise UnsupportedError(f"{path}: its format is {OTHER_FORMATS[suffix]}, must be {FORMATS}. Convert it first.")
    if suffix in (".tflite", ".h5", ".hdf5", ".keras", ".pt2", ".json"):
        found = f"it starts with {data[:8]!r}" if data else "it is empty"
        raise ModelError(f"{path}: its content is no {suffix} file; {found}")
    raise UnsupportedError(f"{path}: its format is unknown, must be {FORMATS}.")


def _zip_format(path: Path, data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise ModelError(f"{path}: is a damaged zip archive ({error})") from error
    if "config.json" in names:
        return "keras zip"
    if any(name.endswith("/models/model.json") for name in names):
        return "torch"
    if any(name.endswith("data.pkl") for name in names):
        raise UnsupportedError(
            f"{path}: is a pickled PyTorch module, which is never unpickled. Save it with torch.export.save as .pt2."
        )
    raise ModelError(f"{path}: is a zip archive, but neither a Keras model (config.json) nor a torch.export program")


def _content(path: Path) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ModelError(f"{path}: it is a folder, must be a model file")
        if not stat.S_ISREG(status.st_mode):
            raise ModelError(f"{path}: it is not a regular file, must be a model file")
        if status.st_size > MAX_FILE_BYTES:
            raise ModelError(f"{path}: it has {status.st_size} bytes, must be at most {MAX_FILE_BYTES}")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ModelError(f"{path}: cannot be read: {reason}") from error
