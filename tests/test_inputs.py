"""Reading a user's inputs: which array feeds which input, what is converted, and one line for what does not fit."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref import inputs as inputs_module
from simref.errors import UsageError
from simref.graph import Graph, Quantization, Tensor
from simref.inputs import random_inputs, read_inputs

SCALE = Quantization(np.array([0.5], np.float32), np.array([3], np.int64))


def graph(*shapes: tuple[int, ...], dtype: str = "int8") -> Graph:
    quantization = SCALE if dtype.startswith("int") else None
    tensors = tuple(Tensor(f"in{k}", shape, np.dtype(dtype), quantization) for k, shape in enumerate(shapes))
    return Graph("g", tensors, (), tuple(range(len(shapes))), ())


def test_random_inputs_repeat_and_cover_the_dtype() -> None:
    data = random_inputs(graph((1, 40, 40)), 3, seed=1)
    assert data.arrays[0].shape == (3, 1, 40, 40)
    assert data.arrays[0].dtype == np.int8
    assert (data.arrays[0].min(), data.arrays[0].max()) == (-128, 127)
    np.testing.assert_array_equal(data.arrays[0], random_inputs(graph((1, 40, 40)), 3, seed=1).arrays[0])
    assert not (data.arrays[0] == random_inputs(graph((1, 40, 40)), 3, seed=2).arrays[0]).all()


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_floats_of_other_sizes_are_drawn_and_read(tmp_path: Path, dtype: str) -> None:
    drawn = random_inputs(graph((1, 40), dtype=dtype), 3, seed=1).arrays[0]
    assert drawn.dtype == dtype
    assert ((drawn >= 0) & (drawn <= 1)).all()
    np.save(tmp_path / "x.npy", np.array([[0.1, -2.0]]))
    read = read_inputs(tmp_path / "x.npy", graph((1, 2), dtype=dtype)).arrays[0]
    np.testing.assert_array_equal(read, np.array([[[0.1, -2.0]]], dtype))


def test_numbers_too_large_for_the_float_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([[0.1, 65520.0]]))
    with pytest.raises(UsageError, match="must be float16, at most 65504"):
        read_inputs(tmp_path / "x.npy", graph((1, 2), dtype="float16"))


def test_npy_integers_are_quantized_values(tmp_path: Path) -> None:
    values = np.arange(12).reshape(3, 4)
    np.save(tmp_path / "x.npy", values)
    data = read_inputs(tmp_path / "x.npy", graph((1, 4)))
    np.testing.assert_array_equal(data.arrays[0], values.reshape(3, 1, 4))
    assert data.arrays[0].dtype == np.int8
    assert data.notes == ()


def test_reals_are_quantized_and_reported(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([[0.0, 1.0, -2.0, 1000.0]], np.float32))
    data = read_inputs(tmp_path / "x.npy", graph((1, 4)))
    np.testing.assert_array_equal(data.arrays[0], [[[3, 5, -1, 127]]])
    assert "quantized with scale 0.5, zero point 3" in data.notes[0]


def test_npz_arrays_go_to_the_inputs_of_their_name_or_shape(tmp_path: Path) -> None:
    a, b = np.zeros((2, 1, 4), np.int8), np.ones((2, 1, 6), np.int8)
    np.savez(tmp_path / "named.npz", in1=b, in0=a)
    np.savez(tmp_path / "shaped.npz", second=b, first=a, labels=np.zeros(2))
    for name in ("named.npz", "shaped.npz"):
        data = read_inputs(tmp_path / name, graph((1, 4), (1, 6)))
        np.testing.assert_array_equal(data.arrays[0], a)
        np.testing.assert_array_equal(data.arrays[1], b)


def test_csv_rows_are_samples(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("1,2,3,4,5\n6,7,8,9,10\n")
    data = read_inputs(tmp_path / "x.csv", graph((1, 3), (2,)), samples=1)
    np.testing.assert_array_equal(data.arrays[0], [[[1, 2, 3]]])
    np.testing.assert_array_equal(data.arrays[1], [[4, 5]])


def test_a_csv_with_points_holds_reals(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("1.0,2,3,4\n")
    np.testing.assert_array_equal(read_inputs(tmp_path / "x.csv", graph((1, 4))).arrays[0], [[[5, 7, 9, 11]]])


def write_text(path: Path) -> None:
    path.write_text("not what it says")


def write_wrong_shape(path: Path) -> None:
    np.savez(path, x=np.zeros((2, 5), np.int8))


def write_too_large_values(path: Path) -> None:
    np.savez(path, x=np.full((2, 4), 300))


def write_nan(path: Path) -> None:
    np.savez(path, x=np.full((2, 4), np.nan))


def write_objects(path: Path) -> None:
    np.savez(path, x=np.array([[object()] * 4]), allow_pickle=True)


def write_empty(path: Path) -> None:
    np.savez(path, x=np.zeros((0, 4), np.int8))


def write_text_array(path: Path) -> None:
    np.savez(path, x=np.array([["a", "b", "c", "d"]]))


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (write_text, "is no readable .npz file"),
        (write_wrong_shape, 'input "in0" needs one array'),
        (write_too_large_values, "run from 300 to 300, must be -128 to 127"),
        (write_nan, "must be finite numbers"),
        (write_objects, "is no readable .npz file"),
        (write_empty, "holds no samples"),
        (write_text_array, "must be finite numbers"),
    ],
)
def test_what_does_not_fit_is_one_line(tmp_path: Path, write: object, expected: str) -> None:
    path = tmp_path / "x.npz"
    assert callable(write)
    write(path)
    with pytest.raises(UsageError) as error:
        read_inputs(path, graph((1, 4)))
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_and_unknown_files_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_inputs(tmp_path / "none.npz", graph((1, 4)))
    (tmp_path / "x.txt").write_text("")
    with pytest.raises(UsageError, match=r"must be \.npz, \.npy or \.csv"):
        read_inputs(tmp_path / "x.txt", graph((1, 4)))


def test_a_zip_bomb_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs_module, "MAX_FILE_BYTES", 10_000)
    with zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", b"\0" * 1_000_000)
    with pytest.raises(UsageError, match="unpacks to 1000000 bytes"):
        read_inputs(tmp_path / "x.npz", graph((1, 4)))


def npy(header: bytes) -> bytes:
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


def zipped(name: str, data: bytes, **options: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), data, **options)
    return buffer.getvalue()


def with_method(data: bytes, method: int) -> bytes:
    """The zip file's directory says that its last member is compressed by another method."""
    at = data.rindex(b"PK\x01\x02") + 10
    return data[:at] + method.to_bytes(2, "little") + data[at + 2 :]


GOOD_NPY = npy(b"{'descr': '|i1', 'fortran_order': False, 'shape': (1, 4)}\n") + b"1234"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("zip.npy", zipped("x.npy", GOOD_NPY)),
        ("unclosed.npy", npy(b"{'descr': '|i1', 'fortran_order': False, 'shape': (1, 4)\n")),
        ("negative.npy", npy(b"{'descr': '|i1', 'fortran_order': False, 'shape': (-1, 4)}\n") + b"1234"),
        ("huge.npy", npy(b"{'descr': '|i1', 'fortran_order': False, 'shape': (1 << 60, 4)}\n") + b"1234"),
        ("text.npz", zipped("README.txt", b"hello")),
        ("method.npz", with_method(zipped("x.npy", GOOD_NPY), 77)),
        ("empty.npz", b""),
        ("empty.csv", b""),
        ("words.csv", b"a,b,c,d\n"),
        ("ragged.csv", b"1,2\n1,2,3\n"),
        ("binary.csv", bytes(range(256))),
    ],
)
def test_damaged_files_are_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError) as error:
        read_inputs(tmp_path / name, graph((1, 4)))
    assert "\n" not in str(error.value)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_mutated_files_are_read_or_refused(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    suffix = data.draw(st.sampled_from([".npy", ".npz"]))
    content = bytearray(GOOD_NPY if suffix == ".npy" else zipped("x.npy", GOOD_NPY))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("mutated") / f"x{suffix}"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with suppress(UsageError):
        assert read_inputs(path, graph((1, 4))).arrays[0].dtype == np.int8


def test_a_csv_may_start_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\xef\xbb\xbf1,2,3,4\n")
    np.testing.assert_array_equal(read_inputs(tmp_path / "x.csv", graph((1, 4))).arrays[0], [[[1, 2, 3, 4]]])


def test_more_samples_than_memory_holds_are_refused() -> None:
    with pytest.raises(UsageError, match="must be at most"):
        random_inputs(graph((1, 40, 40)), 10**15, seed=0)
