"""`load` says what is wrong with a path or a format."""

from __future__ import annotations

from pathlib import Path

import pytest

from simref.errors import ModelError, UnsupportedError
from simref.importers import load
from tests.build_tflite import pack
from tests.importers import models


def test_loads_by_content_whatever_the_suffix(tmp_path: Path) -> None:
    for name in ("m.tflite", "m.bin", "m.onnx"):
        (tmp_path / name).write_bytes(pack(models.flattening()))
        graph = load(tmp_path / name)
        assert (graph.name, len(graph.nodes)) == (name, 1)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.tflite: cannot be read: No such file"):
        load(tmp_path / "none.tflite")


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="it is a folder, must be a model file"):
        load(tmp_path)


def test_device() -> None:
    with pytest.raises(ModelError, match="not a regular file"):
        load("/dev/zero")


def test_path_with_a_null_character() -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load("a\0b.tflite")


def test_file_too_large(tmp_path: Path) -> None:
    with (tmp_path / "big.tflite").open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(ModelError, match="has 1073741824 bytes, must be at most"):
        load(tmp_path / "big.tflite")


@pytest.mark.parametrize(("suffix", "kind"), [(".onnx", "ONNX"), (".H5", "Keras HDF5"), (".pt", "PyTorch")])
def test_other_formats_are_named(tmp_path: Path, suffix: str, kind: str) -> None:
    path = tmp_path / f"m{suffix}"
    path.write_bytes(b"anything at all")
    with pytest.raises(UnsupportedError, match=f"its format is {kind}, must be a TFLite file"):
        load(path)
