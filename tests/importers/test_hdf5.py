"""The reader of HDF5 files against h5py, and what it refuses."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.errors import ModelError, SimrefError, UnsupportedError
from simref.importers._hdf5 import Object, open_hdf5
from tests.models_present import shared_models

LIBRARY_VERSIONS: list[dict[str, Any]] = [
    {},
    {"libver": "latest"},
    {"libver": ("earliest", "v110")},
    {"track_order": True},
]


def written(write: Callable[[h5py.File], Any], **options: Any) -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w", **options) as root:
        write(root)
    return file.getvalue()


def assert_same(expected: Any, found: Object) -> int:
    """Everything below two objects is equal; how many datasets there were."""
    for name, value in expected.attrs.items():
        assert_same_attribute(value, found.attribute(name))
    if isinstance(expected, h5py.Dataset):
        np.testing.assert_array_equal(expected[()], found.array())
        assert found.array().dtype == expected.dtype.newbyteorder("=")
        assert found.shape == expected.shape
        return 1
    assert not found.is_dataset
    assert sorted(expected) == sorted(found.children)
    return sum(assert_same(expected[name], found.children[name]) for name in expected)


def assert_same_attribute(expected: Any, found: Any) -> None:
    if isinstance(expected, str):
        assert found == [expected]
    elif np.asarray(expected).dtype.kind in "OS":
        texts = [value if isinstance(value, str) else value.decode() for value in np.ravel(expected).tolist()]
        assert found == texts
    else:
        np.testing.assert_array_equal(expected, found)


def _everything(root: h5py.File) -> None:
    root.attrs["text"] = "héllo"
    root.attrs["names"], root.attrs["none"], root.attrs["number"] = [b"x", b"yz"], [], np.float32(3)
    for index in range(6):
        root.create_dataset(f"g/h/d{index}", data=np.random.default_rng(index).random((3, index), np.float32))
    root["big_endian"], root["half"], root["scalar"] = (
        np.arange(4, dtype=">i4"),
        np.arange(4, dtype="f2"),
        np.float64(2),
    )
    root["bytes"] = np.arange(5, dtype=np.uint8)


@pytest.mark.parametrize("options", LIBRARY_VERSIONS, ids=str)
def test_equals_h5py(options: dict[str, Any]) -> None:
    def write(root: h5py.File) -> None:
        _everything(root)
        root.attrs["long"] = "x" * 100_000

    data = written(write, **options)
    with h5py.File(io.BytesIO(data)) as expected:
        assert assert_same(expected, open_hdf5(data)) == 10


def test_reads_groups_of_many_members() -> None:
    data = written(lambda root: [root.create_group(f"a{index}") for index in range(1000)])
    assert sorted(open_hdf5(data).children) == sorted(f"a{index}" for index in range(1000))


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text("abc:/_", min_size=1, max_size=9), st.integers(0, 5), max_size=20))
def test_finds_what_h5py_wrote(members: dict[str, int]) -> None:
    def write(root: h5py.File) -> None:
        for name, size in members.items():
            if name.strip("/") and "//" not in name and name not in root:
                try:
                    root[name] = np.full(size, size, np.int16)
                except (ValueError, OSError, TypeError):  # the path leads through a dataset
                    continue

    data = written(write)
    with h5py.File(io.BytesIO(data)) as expected:
        assert_same(expected, open_hdf5(data))


@pytest.mark.parametrize("path", [p for p in shared_models() if p.suffix == ".h5"], ids=lambda path: path.name)
def test_equals_h5py_on_real_models(path: Any) -> None:
    with h5py.File(path) as expected:
        assert assert_same(expected, open_hdf5(path.read_bytes())) > 0


def _external(root: h5py.File) -> None:
    root["a"] = h5py.ExternalLink("/etc/passwd", "/x")


def _soft(root: h5py.File) -> None:
    root["b"] = np.zeros(2)
    root["a"] = h5py.SoftLink("/b")


def _virtual(root: h5py.File) -> None:
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (4,))
    root.create_virtual_dataset("a", layout)


REFUSED: dict[str, tuple[Callable[[h5py.File], Any], str]] = {
    "external link": (_external, '"a" is an external link'),
    "soft link": (_soft, '"a" is a soft link'),
    "virtual": (_virtual, 'dataset "a" has virtual storage'),
    "external storage": (
        lambda root: root.create_dataset("a", (4,), "f4", external=[("/etc/passwd", 0, 16)]),
        'dataset "a" is stored in another file',
    ),
    "chunked": (
        lambda root: root.create_dataset("a", data=np.zeros(9), chunks=(3,)),
        'dataset "a" has chunked storage',
    ),
    "compressed": (
        lambda root: root.create_dataset("a", data=np.zeros(9), compression="gzip"),
        'dataset "a" has compressed storage',
    ),
    "complex": (lambda root: root.create_dataset("a", data=np.zeros(9, np.complex64)), "datatype of class 6"),
    "enumeration": (lambda root: root.create_dataset("a", data=np.zeros(9, np.bool_)), "datatype of class 8"),
}


@pytest.mark.parametrize("options", LIBRARY_VERSIONS, ids=str)
@pytest.mark.parametrize("case", REFUSED)
def test_refuses(case: str, options: dict[str, Any]) -> None:
    write, message = REFUSED[case]
    data = written(write, **options)
    with pytest.raises(UnsupportedError, match=re.escape(message)) as caught:
        open_hdf5(data).children["a"].array()
    assert "\n" not in str(caught.value)


def test_refuses_a_dataset_of_which_nothing_is_stored() -> None:
    data = written(lambda root: root.create_dataset("a", (1 << 20, 1 << 20), "f4"))
    with pytest.raises(ModelError, match=r'dataset "a" has 0 bytes, must have 4398046511104'):
        open_hdf5(data).children["a"].array()


def test_refuses_members_in_a_dense_index() -> None:
    data = written(lambda root: [root.create_group(f"a{index}") for index in range(20)], libver="latest")
    with pytest.raises(UnsupportedError, match="dense index"):
        _ = open_hdf5(data).children


@pytest.mark.parametrize("data", [b"", b"\x89HDF", b"PK\x03\x04" + b"\0" * 99, b"\x89HDF\r\n\x1a\n" + b"\xff" * 99])
def test_refuses_what_is_no_hdf5(data: bytes) -> None:
    with pytest.raises(SimrefError):
        _ = open_hdf5(data).children


def _walk(found: Object, depth: int = 0) -> None:
    found.attribute("names")
    found.attribute("text")
    if found.is_dataset:
        found.array()
    elif depth < 8:
        for child in found.children.values():
            _walk(child, depth + 1)


@pytest.mark.parametrize("options", LIBRARY_VERSIONS, ids=str)
def test_damaged_files_end_in_one_line(options: dict[str, Any]) -> None:
    data = written(_everything, **options)
    rng, refused = np.random.default_rng(0), 0
    for _ in range(400):
        damaged = bytearray(data)
        for position in rng.integers(0, len(data) - 8, rng.integers(1, 6)):
            damaged[position] = int(rng.choice((0, 1, 0xFF, 0x7F, int(rng.integers(256)))))
        cut = int(rng.integers(len(data))) if rng.random() < 0.2 else len(data)
        message = _refusal(bytes(damaged[:cut]))
        refused += message is not None
        assert message is None or "\n" not in message
    assert 20 < refused < 400


def _refusal(data: bytes) -> str | None:
    try:
        _walk(open_hdf5(data))
    except SimrefError as error:
        return str(error)
    return None
