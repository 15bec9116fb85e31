"""`load` says what is wrong with a path or a format."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from simref.errors import ModelError, UnsupportedError, UsageError
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


@pytest.mark.parametrize(("suffix", "kind"), [(".pb", "TensorFlow GraphDef"), (".pt", "a pickled PyTorch module")])
def test_other_formats_are_named(tmp_path: Path, suffix: str, kind: str) -> None:
    path = tmp_path / f"m{suffix}"
    path.write_bytes(b"anything at all")
    with pytest.raises(UnsupportedError, match=rf"its format is {kind}.*, must be \.tflite"):
        load(path)


@pytest.mark.parametrize("suffix", [".H5", ".keras", ".pt2", ".onnx", ".tflite", ".json"])
def test_content_that_is_not_what_the_suffix_says(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"m{suffix}"
    path.write_bytes(b"anything at all")
    with pytest.raises(ModelError, match=rf"m\{suffix}"):
        load(path)


def test_empty_files_and_files_of_no_known_format(tmp_path: Path) -> None:
    empty, unknown = tmp_path / "m.tflite", tmp_path / "m"
    empty.touch()
    unknown.write_bytes(b"anything at all")
    with pytest.raises(ModelError, match=r"its content is no \.tflite file; it is empty"):
        load(empty)
    with pytest.raises(UnsupportedError, match=r"its format is unknown, must be \.tflite"):
        load(unknown)


def test_zip_archives_of_other_things(tmp_path: Path) -> None:
    for member, error in (("m/data.pkl", UnsupportedError), ("readme", ModelError)):
        path = tmp_path / "m.keras"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(member, b"never unpickled")
        with pytest.raises(error, match=r"m\.keras"):
            load(path)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ModelError, match="damaged zip"):
        load(path)


def test_options_that_the_format_does_not_take(tmp_path: Path) -> None:
    path = tmp_path / "m.tflite"
    path.write_bytes(pack(models.flattening()))
    with pytest.raises(UsageError, match="holds its own"):
        load(path, weights=path)
    with pytest.raises(UsageError, match="is no ONNX file"):
        load(path, input_shapes={"x": (1, 2)})
