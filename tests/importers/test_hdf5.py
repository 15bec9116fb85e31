"""The reader of HDF5 files: it hands back what h5py reads, and survives what libhdf5 does not."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from simref.errors import ModelError, SimrefError, UnsupportedError
from simref.importers.keras import hdf5
from simref.importers.keras.hdf5 import Object, open_hdf5
from tests.importers import mutation
from tests.models_present import shared_models

LIBRARY_VERSIONS: list[dict[str, Any]] = [
    {},
    {"libver": "latest"},
    {"libver": ("earliest", "v110")},
    {"track_order": True},
]


@pytest.fixture(autouse=True)
def _leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert list(tmp_path.iterdir()) == []


def written(write: Callable[[h5py.File], Any], **options: Any) -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w", **options) as root:
        write(root)
    return file.getvalue()


def assert_same(expected: Any, found: Object) -> int:
    """Everything below two objects is equal; how many datasets there were."""
    if isinstance(expected, h5py.Dataset):
        np.testing.assert_array_equal(expected[()], found.array())
        assert found.array().dtype == expected.dtype.newbyteorder("=")
        assert found.shape == expected.shape
        return 1
    for name, value in expected.attrs.items():
        assert found.attribute(name) == texts(value), name
    assert sorted(expected) == sorted(found.children)
    return sum(assert_same(expected[name], found.children[name]) for name in expected)


def texts(attribute: Any) -> list[str]:
    values = [attribute] if isinstance(attribute, str) else np.ravel(attribute).tolist()
    strings = [value.decode() if isinstance(value, bytes) else value for value in values]
    return [value for value in strings if isinstance(value, str)]


def _everything(root: h5py.File) -> None:
    root.attrs["text"], root.attrs["long"] = "héllo", "x" * 100_000
    root.attrs["names"], root.attrs["none"], root.attrs["number"] = [b"x", b"yz"], [], np.float32(3)
    root.attrs["table"] = np.array([["a", "b"], ["c", "dd"]], h5py.string_dtype())
    values = np.random.default_rng(0).random((30, 7), np.float32)
    for index in range(6):
        root.create_dataset(f"g/h/d{index}", data=values[:, :index])
    root["big_endian"], root["half"], root["scalar"] = (
        np.arange(4, dtype=">i4"),
        np.arange(4, dtype="f2"),
        np.float64(2),
    )
    root["bytes"] = np.arange(5, dtype=np.uint8)
    root.create_dataset("gzip", data=values, chunks=(8, 3), compression="gzip", shuffle=True, fletcher32=True)
    root.create_dataset("lzf", data=values, compression="lzf")
    root.create_dataset("chunked", data=values, maxshape=(None, None))


@pytest.mark.parametrize("options", LIBRARY_VERSIONS, ids=str)
def test_equals_h5py(options: dict[str, Any]) -> None:
    data = written(_everything, **options)
    with h5py.File(io.BytesIO(data)) as expected:
        assert assert_same(expected, open_hdf5(data)) == 13


@pytest.mark.parametrize("path", [p for p in shared_models() if p.suffix == ".h5"], ids=lambda path: path.name)
def test_equals_h5py_on_real_models(path: Any) -> None:
    with h5py.File(path) as expected:
        assert assert_same(expected, open_hdf5(path.read_bytes())) > 0


def test_finds_members_and_attributes() -> None:
    root = open_hdf5(written(_everything))
    assert [root.attribute(name) for name in ("names", "none", "number", "absent")] == [["x", "yz"], [], [], None]
    assert root.find("g/absent/h") is None
    found = root.find("g/h/d3")
    assert found is not None
    assert (found.path, found.shape) == ("g/h/d3", (30, 3))
    assert not found.array().flags.writeable
    with pytest.raises(ModelError, match='"g" is a group, must be a dataset'):
        root.children["g"].array()


@pytest.mark.parametrize("options", LIBRARY_VERSIONS, ids=str)
def test_reads_groups_of_many_members(options: dict[str, Any]) -> None:
    data = written(lambda root: [root.create_group(f"a{index}") for index in range(1000)], **options)
    assert sorted(open_hdf5(data).children) == sorted(f"a{index}" for index in range(1000))


def test_a_group_in_itself_is_read_once() -> None:
    def write(root: h5py.File) -> None:
        root["g/up"] = root.create_group("g")
        root["g/x"] = np.arange(3)

    found = open_hdf5(written(write)).find("g/up/up/up/x")
    assert found is not None
    assert found.array().tolist() == [0, 1, 2]


def _link(link: Any) -> Callable[[h5py.File], None]:
    def write(root: h5py.File) -> None:
        root["b"] = np.zeros(2)
        root["a"] = link

    return write


def _virtual(root: h5py.File) -> None:
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (4,))
    root.create_virtual_dataset("a", layout)


def _dataset(*args: Any, **kwargs: Any) -> Callable[[h5py.File], Any]:
    return lambda root: root.create_dataset("a", *args, **kwargs)


REFUSED: dict[str, tuple[Callable[[h5py.File], Any], str]] = {
    "external link": (_link(h5py.ExternalLink("/etc/passwd", "/x")), "is an external link"),
    "soft link": (_link(h5py.SoftLink("/b")), "is a soft link"),
    "virtual": (_virtual, "has virtual storage"),
    "external storage": (_dataset((4,), "f4", external=[("/etc/passwd", 0, 16)]), "is stored in another file"),
    "filter": (_dataset(data=np.arange(9), scaleoffset=0), "is packed by the filters [6]"),
    "complex": (_dataset(data=np.zeros(9, np.complex64)), "has a datatype of class 6"),
    "enumeration": (_dataset(data=np.zeros(9, np.bool_)), "has a datatype of class 8"),
    "references": (_dataset((2,), h5py.ref_dtype), "has a datatype of class 7"),
    "text": (_dataset(data="x"), "has a datatype of class 3"),
    "datatype": (lambda root: root.__setitem__("a", np.dtype("f4")), "is a datatype"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_what_is_not_numbers_of_this_file(case: str) -> None:
    """But only once it is asked for: a model's optimizer may keep anything."""
    write, message = REFUSED[case]
    found = open_hdf5(written(write)).children["a"]
    with pytest.raises(UnsupportedError, match=re.escape(f'HDF5 object "a" {message}')) as caught:
        found.array()
    assert "\n" not in str(caught.value)


def _five_large(root: h5py.File) -> None:
    for name in "abcde":  # each takes 128 MiB to read
        root.create_dataset(name, (0,), "u1", maxshape=(None,), chunks=(1 << 27,))


TOO_LARGE = "its datasets and names have over 536870912 bytes"
DAMAGED: dict[str, tuple[Callable[[h5py.File], Any], str]] = {
    "huge": (_dataset((1 << 20, 1 << 20), "f4"), TOO_LARGE),
    "huge in chunks": (_dataset((1 << 20, 1 << 20), "f4", chunks=(1 << 10, 1 << 10), compression="gzip"), TOO_LARGE),
    "huge chunks": (_dataset((1,), "f4", maxshape=(None,), chunks=(1 << 28,)), TOO_LARGE),
    "huge together": (_five_large, TOO_LARGE),
    "nothing stored": (_dataset((4,), "f4"), "dataset '/a' has 0 bytes, must have 16"),
    "no chunk stored": (_dataset((4,), "f4", chunks=(3,)), "dataset '/a' has 0 chunks, must have 2"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_refuses_sizes_that_are_not_there(case: str) -> None:
    write, message = DAMAGED[case]
    with pytest.raises(ModelError, match=re.escape(message)):
        open_hdf5(written(write))


@pytest.mark.parametrize("data", [b"", b"\x89HDF", b"PK\x03\x04" + b"\0" * 99, b"\x89HDF\r\n\x1a\n" + b"\xff" * 99])
def test_refuses_what_is_no_hdf5(data: bytes) -> None:
    with pytest.raises(ModelError):
        open_hdf5(data)


def test_a_crash_of_libhdf5_is_a_refusal() -> None:
    """A chunk that says it is not compressed: libhdf5 reads 16 MB behind its 16 kB."""

    def write(root: h5py.File) -> None:
        dataset = root.create_dataset("a", data=np.zeros(1 << 22, "f4"), chunks=(1 << 22,), compression="gzip")
        sizes.append(dataset.id.get_chunk_info(0).size.to_bytes(4, "little"))

    sizes: list[bytes] = []
    data = written(write)
    damaged = data.replace(sizes[0] + bytes(4), sizes[0] + b"\1\0\0\0")
    assert damaged != data
    with pytest.raises(ModelError, match=r"the HDF5 library (crashed on it \(SIG|cannot read it)"):
        open_hdf5(damaged)


def test_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A heap whose free space has no size: libhdf5 never comes to its end."""
    data = written(lambda root: root.attrs.update(names=["x", "yz"]))
    free_space = data.index(b"GCOL") + 72
    monkeypatch.setattr(hdf5, "_SECONDS", 2.0)
    with pytest.raises(ModelError, match=r"the HDF5 library (reads it for over 2 s|cannot read it)"):
        open_hdf5(data[:free_space] + bytes(8) + data[free_space + 8 :])


# What may become of the process that reads a file: its code, and what is said of it.
ENDS = {
    "crash": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", r"crashed on it \(SIGSEGV\)"),
    "status": ("import os; os._exit(7)", r"crashed on it \(status 7\)"),
    "silence": ("import os; os._exit(1)", "the HDF5 library cannot read it"),
    "two lines": ("import sys; sys.exit('a\\nb')", "^b$"),
    "no library": ("import no_such_library", "No module named"),
    "sleep": ("import time; time.sleep(60)", "reads it for over 1 s"),
    "nothing written": ("", "could not be run on it"),
}


@pytest.mark.parametrize("case", ENDS)
def test_however_the_reading_process_ends(case: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any) -> None:
    code, message = ENDS[case]
    child = tmp_path_factory.mktemp("child") / "child.py"
    child.write_text(code)
    monkeypatch.setattr(hdf5, "_CHILD", child)
    monkeypatch.setattr(hdf5, "_SECONDS", 1.0 if case == "sleep" else 60.0)
    with pytest.raises(ModelError, match=message) as caught:
        open_hdf5(hdf5.SIGNATURE)
    assert "\n" not in str(caught.value)


def test_no_process_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/no/such/python")
    with pytest.raises(ModelError, match="could not be run"):
        open_hdf5(hdf5.SIGNATURE)


@pytest.mark.parametrize("options", LIBRARY_VERSIONS, ids=str)
def test_damaged_files_end_in_one_line(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Few, as each is read in a process of its own."""
    monkeypatch.setattr(hdf5, "_SECONDS", 4.0)
    data = written(_everything, **options)
    rng, refused = np.random.default_rng(0), 0
    for damage in mutation.ALL:
        message = _refusal(damage(rng, data))
        refused += message is not None
        assert message is None or ("\n" not in message and 10 < len(message) < 1000)
    assert refused > 0


def _refusal(data: bytes) -> str | None:
    try:
        _walk(open_hdf5(data))
    except SimrefError as error:
        return str(error)
    return None


def _walk(found: Object, depth: int = 0) -> None:
    found.attribute("names")
    for child in found.children.values() if depth < 8 else ():
        _walk(child, depth + 1)
    if not found.children:
        found.array()
