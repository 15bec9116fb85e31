"""HDF5 datatypes and dataspaces, and the values of attributes and datasets that have them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array, Shape
from simref.importers._hdf5_cursor import Cursor, cursor_at

# Classes of datatypes (HDF5 File Format Specification 3.0, IV.A.2.d).
_INTEGER, _FLOAT, _STRING, _VARIABLE = 0, 1, 3, 9
MAX_RANK = 32
# Of each size: where exponent and mantissa lie and how wide they are, and the exponent's bias (IEEE 754).
_IEEE = {2: (10, 5, 0, 10, 15), 4: (23, 8, 0, 23, 127), 8: (52, 11, 0, 52, 1023)}


@dataclass(frozen=True)
class Datatype:
    """dtype: of numbers; a fixed-length string has kind S. variable: strings of any length, kept in a global heap."""

    dtype: np.dtype[Any]
    variable: bool = False


def read_shape(cursor: Cursor) -> Shape:
    """A dataspace message. A null dataspace reads as one without elements."""
    version, rank, flags = cursor.number(1), cursor.number(1), cursor.number(1)
    if version not in (1, 2) or rank > MAX_RANK:
        raise ModelError(f"damaged: a dataspace has version {version} and {rank} dimensions")
    kind = cursor.number(1)
    if version == 1:
        cursor.take(4)
    shape = tuple(cursor.number(8) for _ in range(rank))
    cursor.take(8 * rank if flags & 1 else 0)
    return (0,) if version == 2 and kind == 2 else shape


def read_datatype(cursor: Cursor) -> Datatype:
    """A datatype message. Raises UnsupportedError for what is neither a number nor a string."""
    kind = cursor.number(1) & 15
    bits, size = cursor.number(3), cursor.number(4)
    order = ">" if bits & 1 else "<"
    if kind == _INTEGER and size in (1, 2, 4, 8) and (cursor.number(2), cursor.number(2)) == (0, 8 * size):
        return Datatype(np.dtype(f"{order}{'i' if bits & 8 else 'u'}{size}"))
    if kind == _FLOAT and size in _IEEE and _is_ieee(cursor, size):
        return Datatype(np.dtype(f"{order}f{size}"))
    if kind == _STRING and 0 < size <= cursor.stop:
        return Datatype(np.dtype(f"S{size}"))
    if kind == _VARIABLE and bits & 15 == 1 and size == 16:
        return Datatype(np.dtype("V16"), variable=True)
    raise UnsupportedError(
        f"an HDF5 object has a datatype of class {kind} with {size} bytes, must be a float, an integer or a string"
    )


def _is_ieee(cursor: Cursor, size: int) -> bool:
    offset, precision = cursor.number(2), cursor.number(2)
    fields = tuple(cursor.number(1) for _ in range(4))
    return (offset, precision) == (0, 8 * size) and (*fields, cursor.number(4)) == _IEEE[size]


def read_values(cursor: Cursor, datatype: Datatype, shape: Shape) -> Array | list[str]:
    """Numbers as an array of `shape` in the machine's byte order, strings as a flat list, in row-major order.

    The array is a read-only view where the bytes need no change. Raises ModelError where bytes are missing.
    """
    count = math.prod(shape)
    content = cursor.take(count * datatype.dtype.itemsize)
    if datatype.variable:
        return _heap_texts(cursor.data, Cursor(content, 0, len(content)), count)
    values = np.frombuffer(content, datatype.dtype).reshape(shape)
    if datatype.dtype.kind == "S":
        return [value.decode("utf-8", "replace") for value in values.reshape(-1).tolist()]
    return values.astype(datatype.dtype.newbyteorder("="), copy=False)


def _heap_texts(data: bytes, references: Cursor, count: int) -> list[str]:
    """The strings that references (length, address of a collection, index of an object) name."""
    collections: dict[int, dict[int, bytes]] = {}
    texts = []
    for _ in range(count):
        length, address, index = references.number(4), references.number(8), references.number(4)
        if length and address not in collections:
            collections[address] = _collection(data, address)
        if length and len(collections[address].get(index, b"")) < length:
            raise ModelError(f"damaged: the heap at byte {address} has no object {index} of {length} bytes")
        texts.append(collections[address][index][:length].decode("utf-8", "replace") if length else "")
    return texts


def _collection(data: bytes, address: int) -> dict[int, bytes]:
    """The objects of a global heap's collection by index."""
    cursor = cursor_at(data, address)
    cursor.expect(b"GCOL")
    cursor.take(4)
    cursor = cursor_at(data, address + 16, cursor.number(8) - 16)
    objects: dict[int, bytes] = {}
    while cursor.stop - cursor.position >= 16:
        index, _, size = cursor.number(2), cursor.take(6), cursor.number(8)
        if index == 0:  # the free space at the end
            break
        start = cursor.position
        objects[index] = cursor.take(size)
        cursor.skip_to_multiple_of_8(start)
    return objects
