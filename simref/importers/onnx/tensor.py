"""A stored ONNX tensor to an array: sizes are checked first, and only files beside the model are read."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array, Shape
from simref.importers._untrusted import MAX_TENSOR_BYTES, one_line

MAX_RANK = 8
Kind = onnx.TensorProto

# The dtypes that constants may be stored in; which of them a layer may then compute with is the operator's business.
DTYPES: dict[int, str] = {
    Kind.FLOAT: "float32",
    Kind.DOUBLE: "float64",
    Kind.FLOAT16: "float16",
    Kind.INT8: "int8",
    Kind.INT16: "int16",
    Kind.INT32: "int32",
    Kind.INT64: "int64",
    Kind.UINT8: "uint8",
    Kind.UINT16: "uint16",
    Kind.UINT32: "uint32",
    Kind.UINT64: "uint64",
    Kind.BOOL: "bool",
}
_TYPED_FIELDS = ("float_data", "int32_data", "int64_data", "double_data", "uint64_data")


def dtype_name(kind: int, where: str) -> str:
    """The NumPy name of an ONNX element type; raises UnsupportedError for strings, 4-bit types and the like."""
    if kind not in DTYPES:
        known = {value: name for name, value in Kind.DataType.items()}
        raise UnsupportedError(f"{where} is {known.get(kind, kind)}, must be {' or '.join(DTYPES.values())}")
    return DTYPES[kind]


def checked_shape(dims: Any, itemsize: int, where: str) -> Shape:
    """Dimensions as a shape of at most MAX_RANK dimensions and MAX_TENSOR_BYTES bytes."""
    shape = tuple(int(n) for n in dims)
    if len(shape) > MAX_RANK:
        raise UnsupportedError(f"{where} has {len(shape)} dimensions, must have at most {MAX_RANK}")
    if min(shape, default=0) < 0 or math.prod(shape) * itemsize > MAX_TENSOR_BYTES:
        raise ModelError(f"{where} claims the shape {shape}, must hold at most {MAX_TENSOR_BYTES} bytes")
    return shape


def read_tensor(proto: Any, where: str, folder: Path | None) -> Array:
    """The array of a TensorProto. Raises ModelError where its data and its shape disagree."""
    dtype = np.dtype(dtype_name(proto.data_type, where))
    shape = checked_shape(proto.dims, dtype.itemsize, where)
    expected = math.prod(shape) * dtype.itemsize
    if proto.data_location == Kind.EXTERNAL:
        return _ordered(np.frombuffer(_external(proto, where, folder, expected), dtype), shape)
    if proto.HasField("raw_data"):
        if len(proto.raw_data) != expected:
            raise ModelError(
                f"{where} has {len(proto.raw_data)} bytes of data, must have {expected} for {shape} {dtype}"
            )
        return _ordered(np.frombuffer(proto.raw_data, dtype), shape)
    stored = sum(len(getattr(proto, field)) for field in _TYPED_FIELDS)
    if stored != math.prod(shape):
        raise ModelError(f"{where} has {stored} elements of data, must have {math.prod(shape)} for {shape}")
    try:
        return np.asarray(numpy_helper.to_array(proto), dtype).reshape(shape)
    except (ValueError, TypeError, OverflowError) as error:
        raise ModelError(f"{where}: its data cannot be read ({one_line(error)})") from error


def _ordered(flat: Array, shape: Shape) -> Array:
    """Files store the least significant byte first."""
    return flat.view(flat.dtype.newbyteorder("<")).astype(flat.dtype).reshape(shape)


def _external(proto: Any, where: str, folder: Path | None, expected: int) -> bytes:
    entries = {entry.key: entry.value for entry in proto.external_data}
    location = entries.get("location", "")
    if folder is None:
        raise ModelError(f'{where} keeps its data in the file "{location}", must be read from a folder')
    path = _inside(folder, location, where)
    try:
        offset, length = int(entries.get("offset", "0")), int(entries.get("length", str(expected)))
        size = path.stat().st_size
        if offset < 0 or length != expected or offset + length > size:
            raise ModelError(
                f'{where} claims {length} bytes from {offset} on of "{location}", which has {size}; '
                f"must be {expected} bytes inside it"
            )
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(length)
    except (OSError, ValueError) as error:
        raise ModelError(f'{where}: its file "{location}" cannot be read ({one_line(error)})') from error


def _inside(folder: Path, location: str, where: str) -> Path:
    """The path of a regular file below the folder, reached without links."""
    stored = f'{where} keeps its data in "{" ".join(location.split())[:120]}"'
    parts = Path(location).parts
    bad = not location or "\0" in location or "\\" in location or ".." in parts or Path(location).is_absolute()
    try:
        path = folder.resolve().joinpath(*parts)
        if not bad and path.is_file() and path.resolve() == path:
            return path
        missing = not bad and not path.exists()
    except OSError as error:
        raise ModelError(f"{stored}, which cannot be read ({one_line(error)})") from error
    if missing:
        raise ModelError(f"{stored}, which is missing, must lie in the model's own folder")
    raise ModelError(f"{stored}, must be a file in the model's own folder, without links")


def read_sparse(proto: Any, where: str, folder: Path | None) -> Array:
    """The dense array of a SparseTensorProto: indices are linear, or one row of coordinates for each value."""
    values = read_tensor(proto.values, f"the values of {where}", folder)
    indices = read_tensor(proto.indices, f"the indices of {where}", folder)
    shape = checked_shape(proto.dims, values.itemsize, where)
    if (
        indices.dtype != np.int64
        or values.ndim != 1
        or indices.shape not in ((len(values),), (len(values), len(shape)))
    ):
        raise ModelError(f"{where}: its {values.shape} values and {indices.shape} indices do not belong together")
    dense = np.zeros(shape, values.dtype)
    limits = np.array((dense.size,) if indices.ndim == 1 else shape, np.int64)
    if np.any((indices < 0) | (indices >= limits)):
        raise ModelError(f"{where}: an index lies outside the shape {shape}")
    place = indices if indices.ndim == 1 else np.ravel_multi_index(tuple(indices.T), shape)
    dense.reshape(-1)[place] = values
    return dense
