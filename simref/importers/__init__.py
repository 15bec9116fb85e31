"""Model files to graphs, one module per format."""

from __future__ import annotations

import stat
from hashlib import sha256
from pathlib import Path

from simref.check import check_graph
from simref.errors import ModelError, UnsupportedError
from simref.graph import Graph

__all__ = ["load", "load_with_hash"]

# Twice the largest memory-mapped flash window of a Cortex-M board (256 MB QSPI).
MAX_FILE_BYTES = 1 << 29

_OTHER_FORMATS = {
    ".onnx": "ONNX",
    ".h5": "Keras HDF5",
    ".hdf5": "Keras HDF5",
    ".keras": "Keras",
    ".pb": "TensorFlow GraphDef or SavedModel",
    ".pt": "PyTorch",
    ".pth": "PyTorch",
    ".pt2": "PyTorch",
    ".pte": "ExecuTorch",
    ".mlmodel": "Core ML",
}


def load(path: str | Path) -> Graph:
    """Read a model file into a graph whose every layer is supported.

    The format is recognised by the file's content (TFLite: the identifier TFL3). Raises ModelError where the file is
    missing, unreadable or malformed, UnsupportedError for another format or a layer that is not supported.
    """
    return load_with_hash(Path(path))[0]


def load_with_hash(path: Path) -> tuple[Graph, str]:
    """The same, and the SHA-256 of exactly the bytes that were read, in hexadecimal."""
    data = _content(path)
    if data[4:8] != b"TFL3" and path.suffix.lower() in _OTHER_FORMATS:
        kind = _OTHER_FORMATS[path.suffix.lower()]
        raise UnsupportedError(f"{path}: its format is {kind}, must be a TFLite file. Convert it to .tflite first.")
    # Imported here because the flatbuffer classes take longer to load than all the rest of the command line.
    from simref.importers.tflite import import_tflite

    graph = import_tflite(data, path.name)
    check_graph(graph)
    return graph, sha256(data).hexdigest()


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
