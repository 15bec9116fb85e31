"""HDF5 files: groups, their attributes and contiguous datasets, read without libhdf5, which crashes on damaged files.

What Keras writes, and what the format allows in its place: superblocks 0 to 3, object headers 1 and 2, groups as symbol
tables or link messages, hard links only. A read costs no more memory than the file has bytes. Chunked, compressed,
external and virtual storage, and links to other files, are refused by name.
Layouts: HDF5 File Format Specification, version 3.0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array, Shape
from simref.importers._hdf5_cursor import Cursor, cursor_at
from simref.importers._hdf5_types import read_datatype, read_shape, read_values

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_UNDEFINED = (1 << 64) - 1
_DATASPACE, _LINK_INFO, _DATATYPE, _LINK, _EXTERNAL, _LAYOUT = 1, 2, 3, 6, 7, 8
_FILTERS, _ATTRIBUTE, _CONTINUATION, _SYMBOL_TABLE, _ATTRIBUTE_INFO = 11, 12, 16, 17, 21
_SHARED = 2  # a message's flag: its content stands elsewhere
_HARD, _SOFT = 0, 1
_MAX_MESSAGES = 1 << 16
_ENTRY_BYTES = 40  # of a symbol table's entry
_STORAGE = {0: "compact", 1: "contiguous", 2: "chunked", 3: "virtual"}


@dataclass(frozen=True)
class Message:
    """One message of an object header."""

    kind: int
    flags: int
    content: Cursor

    def start(self) -> Cursor:
        """A cursor over the content, from its beginning."""
        return Cursor(self.content.data, self.content.position, self.content.stop)


@dataclass(frozen=True, eq=False)
class Object:
    """A group or a dataset, found by the address of its header."""

    data: bytes
    address: int
    path: str

    @cached_property
    def _messages(self) -> list[Message]:
        return list(_messages(self.data, self.address))

    def _first(self, kind: int) -> Message | None:
        found = next((message for message in self._messages if message.kind == kind), None)
        if found is not None and found.flags & _SHARED:
            raise UnsupportedError(f'HDF5 object "{self.path}" shares its description with others, must have its own')
        return found

    @property
    def is_dataset(self) -> bool:
        """True for an array, False for a group."""
        return self._first(_LAYOUT) is not None

    @cached_property
    def _attributes(self) -> dict[str, tuple[Cursor, Cursor, Cursor]]:
        info = self._first(_ATTRIBUTE_INFO)
        if info is not None and _dense_storage(info.start(), index_size=2):
            raise UnsupportedError(
                f'HDF5 group "{self.path}" has its attributes in a dense index, must have them in its header. '
                "Save the model with Keras' default settings."
            )
        return dict(_attribute(message.start()) for message in self._messages if message.kind == _ATTRIBUTE)

    def attribute(self, name: str) -> Array | list[str] | None:
        """Numbers as an array, strings as a flat list, or None where there is no such attribute."""
        if name not in self._attributes:
            return None
        datatype, dataspace, values = (Cursor(c.data, c.position, c.stop) for c in self._attributes[name])
        return read_values(values, read_datatype(datatype), read_shape(dataspace))

    @cached_property
    def children(self) -> dict[str, Object]:
        """The members of a group by name. Raises UnsupportedError for links that do not lead to an object here."""
        links = list(self._links())
        if len({name for name, _ in links}) < len(links):
            raise ModelError(f'damaged: HDF5 group "{self.path}" has two members of one name')
        return {name: Object(self.data, address, f"{self.path}/{name}".lstrip("/")) for name, address in links}

    def find(self, path: str) -> Object | None:
        """The member of members that a path with slashes names, or None."""
        found: Object | None = self
        for name in path.split("/"):
            found = found.children.get(name) if found is not None and not found.is_dataset else None
        return found

    def _links(self) -> Iterator[tuple[str, int]]:
        info = self._first(_LINK_INFO)
        if info is not None and _dense_storage(info.start(), index_size=8):
            raise UnsupportedError(
                f'HDF5 group "{self.path}" has its members in a dense index, must have them in a table. '
                "Save the model with Keras' default settings."
            )
        table = self._first(_SYMBOL_TABLE)
        if table is not None:
            tree, heap = table.start(), table.start()
            heap.take(8)
            yield from self._symbols(tree.number(8), heap.number(8))
        for message in self._messages:
            if message.kind == _LINK:
                yield self._link(message.start())

    def _symbols(self, tree: int, heap: int) -> Iterator[tuple[str, int]]:
        """The entries of a symbol table: a B-tree of nodes whose names stand in a local heap."""
        names = cursor_at(self.data, heap)
        names.expect(b"HEAP")
        names.take(4)
        size, _, address = names.number(8), names.number(8), names.number(8)
        names = cursor_at(self.data, address, size)
        left = len(self.data) // _ENTRY_BYTES
        for node in _leaves(self.data, tree, set()):
            entries = cursor_at(self.data, node)
            entries.expect(b"SNOD")
            entries.take(2)
            count = entries.number(2)
            left -= count
            if left < 0:
                raise ModelError(f'damaged: HDF5 group "{self.path}" has more members than the file has room for')
            for _ in range(count):
                offset, header, cache, _ = entries.number(8), entries.number(8), entries.number(4), entries.take(20)
                name = _text_at(self.data, names.position + offset, names.stop)
                yield name, self._hard(name, header, _SOFT if cache == 2 else _HARD)

    def _link(self, link: Cursor) -> tuple[str, int]:
        version, flags = link.number(1), link.number(1)
        if version != 1:
            raise ModelError(f"damaged: a link has version {version}, must be 1")
        kind = link.number(1) if flags & 8 else _HARD
        link.take((8 if flags & 4 else 0) + (1 if flags & 16 else 0))
        name = link.take(link.number(1 << (flags & 3))).decode("utf-8", "replace")
        return name, self._hard(name, link.number(8) if kind == _HARD else 0, kind)

    def _hard(self, name: str, address: int, kind: int) -> int:
        if kind != _HARD:
            what = "a soft" if kind == _SOFT else "an external"
            raise UnsupportedError(f'HDF5 group "{self.path}": "{name}" is {what} link, must be an object of its own')
        return address

    @property
    def shape(self) -> Shape:
        """The dimensions of a dataset."""
        message = self._first(_DATASPACE)
        if message is None:
            raise ModelError(f'damaged: HDF5 dataset "{self.path}" has no dataspace')
        return read_shape(message.start())

    def array(self) -> Array:
        """The numbers of a dataset. Raises UnsupportedError where they are not stored as one run of this file."""
        layout, datatype = self._first(_LAYOUT), self._first(_DATATYPE)
        if layout is None or datatype is None:
            raise ModelError(f'HDF5 object "{self.path}" is a group, must be a dataset')
        if self._first(_EXTERNAL) is not None:
            raise UnsupportedError(f'HDF5 dataset "{self.path}" is stored in another file, must be stored in this one')
        kind, shape = read_datatype(datatype.start()), self.shape
        values = read_values(self._content(layout.start(), math.prod(shape) * kind.dtype.itemsize), kind, shape)
        if isinstance(values, list):
            raise ModelError(f'HDF5 dataset "{self.path}" holds text, must hold numbers')
        return values

    def _content(self, layout: Cursor, size: int) -> Cursor:
        version, storage = layout.number(1), layout.number(1)
        if version not in (3, 4) or storage not in (0, 1) or self._first(_FILTERS) is not None:
            how = "compressed" if self._first(_FILTERS) else _STORAGE.get(storage, f"version {version}")
            raise UnsupportedError(
                f'HDF5 dataset "{self.path}" has {how} storage, must be contiguous. '
                "Save the model with Keras' default settings."
            )
        if storage == 0:
            return cursor_at(self.data, layout.position + 2, layout.number(2))
        address, stored = layout.number(8), layout.number(8)
        if size and (address == _UNDEFINED or stored != size):
            found = 0 if address == _UNDEFINED else stored
            raise ModelError(f'damaged: HDF5 dataset "{self.path}" has {found} bytes, must have {size}')
        return cursor_at(self.data, address, stored) if size else cursor_at(self.data, 0, 0)


def open_hdf5(data: bytes) -> Object:
    """The root group of an HDF5 file's content. Raises ModelError where it is not one."""
    cursor = cursor_at(data, 0)
    if data[:8] != SIGNATURE:
        raise ModelError(f"not an HDF5 file: it starts with {data[:8]!r}, must start with {SIGNATURE!r}")
    cursor.take(8)
    version = cursor.number(1)
    if version in (0, 1):
        cursor.take(4)
        sizes, base = (cursor.number(1), cursor.number(1)), 24 + 4 * version
    elif version in (2, 3):
        sizes, base = (cursor.number(1), cursor.number(1)), 12
    else:
        raise UnsupportedError(f"HDF5 superblock has version {version}, must be 0 to 3")
    if sizes != (8, 8):
        raise UnsupportedError(f"HDF5 offsets and lengths have {sizes} bytes, must have 8")
    if cursor_at(data, base).number(8) != 0:
        raise UnsupportedError("HDF5 base address is not 0, must be 0")
    # Base address, two other addresses, then (0, 1) a driver's and the root's entry, or (2, 3) the root's header.
    root = cursor_at(data, base + (40 if version < 2 else 24))
    return Object(data, root.number(8), "")


def _leaves(data: bytes, address: int, seen: set[int]) -> Iterator[int]:
    """The addresses of the symbol nodes below a node of a group's B-tree, each node visited once."""
    if address in seen:
        raise ModelError(f"damaged: the HDF5 group index at byte {address} contains itself")
    seen.add(address)
    node = cursor_at(data, address)
    node.expect(b"TREE")
    kind, level, used = node.number(1), node.number(1), node.number(2)
    if kind != 0:
        raise ModelError(f"damaged: the HDF5 index at byte {address} has type {kind}, must be that of a group")
    node.take(16)
    for _ in range(used):
        node.take(8)
        child = node.number(8)
        if level == 0:
            yield child
        else:
            yield from _leaves(data, child, seen)


def _text_at(data: bytes, start: int, stop: int) -> str:
    """A text that ends with a zero byte."""
    end = data.find(b"\0", start, stop)
    if end < 0:
        raise ModelError(f"damaged: the name at byte {start} has no end")
    return data[start:end].decode("utf-8", "replace")


def _dense_storage(info: Cursor, index_size: int) -> bool:
    """Whether a link or attribute info message names a fractal heap: members that are not in the header."""
    info.take(1)
    flags = info.number(1)
    info.take(index_size if flags & 1 else 0)
    return info.number(8) != _UNDEFINED


def _attribute(message: Cursor) -> tuple[str, tuple[Cursor, Cursor, Cursor]]:
    """The name of an attribute, and where its datatype, dataspace and values stand."""
    version, flags = message.number(1), message.number(1)
    if version not in (1, 2, 3):
        raise ModelError(f"damaged: an attribute has version {version}, must be 1 to 3")
    if version > 1 and flags & 3:
        raise UnsupportedError("an HDF5 attribute shares its type with others, must have its own")
    sizes = [message.number(2) for _ in range(3)]
    message.take(1 if version == 3 else 0)
    fields = []
    for size in sizes:
        start = message.position
        message.take(size)
        fields.append(Cursor(message.data, start, start + size))
        if version == 1:
            message.skip_to_multiple_of_8(start)
    name, datatype, dataspace = fields
    return name.take(sizes[0]).split(b"\0")[0].decode("utf-8", "replace"), (datatype, dataspace, message)


def _messages(data: bytes, address: int) -> Iterator[Message]:
    """The messages of an object header and of its continuations."""
    blocks, number = [_first_block(data, address)], 0
    for block, ordered in blocks:
        while block.stop - block.position >= _header_size(ordered):
            message = _message(block, ordered)
            number += 1
            if number > _MAX_MESSAGES:
                raise ModelError(f"damaged: the HDF5 header at byte {address} has over {_MAX_MESSAGES} messages")
            if message.kind == _CONTINUATION:
                blocks.append((_continuation(data, message.start(), ordered), ordered))
            else:
                yield message


# Whether a header of version 2 counts its messages; None for version 1.
_Ordered = bool | None


def _header_size(ordered: _Ordered) -> int:
    return 8 if ordered is None else 4 + 2 * ordered


def _first_block(data: bytes, address: int) -> tuple[Cursor, _Ordered]:
    header = cursor_at(data, address)
    if data[address : address + 4] != b"OHDR":
        if header.number(1) != 1:
            raise ModelError(f"damaged: no HDF5 object header at byte {address}")
        header.take(7)
        size = header.number(4)
        return cursor_at(data, address + 16, size), None
    header.take(4)
    version, flags = header.number(1), header.number(1)
    if version != 2:
        raise ModelError(f"damaged: the HDF5 object header at byte {address} has version {version}, must be 2")
    header.take((16 if flags & 32 else 0) + (4 if flags & 16 else 0))
    size = header.number(1 << (flags & 3))
    return cursor_at(data, header.position, size), bool(flags & 4)


def _message(block: Cursor, ordered: _Ordered) -> Message:
    wide = ordered is None
    kind, size, flags = block.number(2 if wide else 1), block.number(2), block.number(1)
    block.take(3 if wide else 2 * bool(ordered))
    start = block.position
    block.take(size)
    return Message(kind, flags, Cursor(block.data, start, start + size))


def _continuation(data: bytes, message: Cursor, ordered: _Ordered) -> Cursor:
    address, size = message.number(8), message.number(8)
    block = cursor_at(data, address, size)
    if ordered is None:
        return block
    block.expect(b"OCHK")
    return cursor_at(data, block.position, size - 8)  # the signature before, a checksum behind
