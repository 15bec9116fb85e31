"""Reads an HDF5 file in a process of its own, as libhdf5 crashes on some damaged files; `hdf5` starts it as a script.

`hdf5_child.py FILE FOLDER` writes every object that hard links lead to: `objects.json`, and the numbers of the
datasets one behind the other, as NumPy stores them, into `arrays`. Or it ends with status 1 and one line on stderr.
It imports nothing of simref, which would take longer than the file.
"""

from __future__ import annotations

import json
import math
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import h5py
import numpy as np

# Of all datasets and names together: as large as a model file may be.
MAX_BYTES = 1 << 29
_MEMBER_BYTES = 1 << 10  # of memory that a member's name and entry take at most, besides long names
_MEMORY_BYTES = 4 * MAX_BYTES
_CPU_SECONDS = 20
_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32, h5py.h5z.FILTER_LZF}
Entry = dict[str, Any]


class Reader:
    """Walks a file; `arrays` takes the datasets. Sizes are counted before anything is read; a refusal exits."""

    def __init__(self, arrays: IO[bytes]) -> None:
        self.arrays = arrays
        self.left = MAX_BYTES
        self.found: list[h5py.HLObject] = []
        self.numbers: dict[int, int] = {}

    def entries(self, root: h5py.Group) -> list[Entry]:
        """What each object holds; members are numbers of objects, as several may be one, even a group above."""
        self._number(root)
        return [self._entry(item) for item in self.found]  # which grows meanwhile

    def _number(self, item: h5py.HLObject) -> int:
        number = self.numbers.setdefault(h5py.h5o.get_info(item.id).addr, len(self.found))
        if number == len(self.found):
            self.found.append(item)
        return number

    def _entry(self, item: h5py.HLObject) -> Entry:
        if isinstance(item, h5py.Group):
            attributes = {clean(name): self._texts(item, name) for name in item.attrs}
            return {"attributes": attributes, "members": self._members(item)}
        refusal = self._refusal(item) if isinstance(item, h5py.Dataset) else "is a datatype, must be a dataset"
        if refusal is None:
            self._store(item)
        return {"refusal": refusal}

    def _count(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            sys.exit(f"its datasets and names have over {MAX_BYTES} bytes, must have at most that many")

    def _texts(self, group: h5py.Group, name: str) -> list[str]:
        """An attribute's strings in row-major order; none where it holds anything else."""
        stored = group.attrs.get_id(name)
        self._count(math.prod(stored.shape) * stored.get_type().get_size())
        if stored.get_type().get_class() != h5py.h5t.STRING:
            return []
        value = group.attrs[name]
        values = value.ravel().tolist() if isinstance(value, np.ndarray) else [value]
        texts = [clean(text) for text in values if isinstance(text, str | bytes)]
        self._count(sum(map(len, texts)))
        return texts

    def _members(self, group: h5py.Group) -> dict[str, int | str]:
        """The number of each member's object, or why it is not looked at."""
        members: dict[str, int | str] = {}
        for name in group:
            self._count(_MEMBER_BYTES + len(name))
            # Read as a path, which may lead through links.
            if "/" in name or name == "." or clean(name) in members:
                sys.exit(f"damaged: a group has a member {name!r} twice, or a path in the place of a name")
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.HardLink):
                members[clean(name)] = self._number(group[name])
            else:
                kind = "a soft" if isinstance(link, h5py.SoftLink) else "an external"
                members[clean(name)] = f"is {kind} link, must be an object of its own"
        return members

    def _refusal(self, dataset: h5py.Dataset) -> str | None:
        """What forbids to read a dataset."""
        created = dataset.id.get_create_plist()
        if created.get_external_count():
            return "is stored in another file, must be stored in this one"
        if created.get_layout() == h5py.h5d.VIRTUAL:
            return "has virtual storage, must be stored in this file"
        filters = {created.get_filter(index)[0] for index in range(created.get_nfilters())}
        if not filters <= _FILTERS:
            return f"is packed by the filters {sorted(filters)}, must be plain or by gzip, lzf, shuffle and fletcher32"
        kind = dataset.id.get_type().get_class()
        if kind not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT):
            return f"has a datatype of class {kind}, must be a float or an integer"
        return None

    def _store(self, dataset: h5py.Dataset) -> None:
        shape, chunks, size = dataset.shape or (), dataset.chunks, dataset.id.get_type().get_size()
        count = 0 if dataset.shape is None else math.prod(shape)
        self._count(max(count, math.prod(chunks or ())) * max(size, dataset.dtype.itemsize))
        if chunks:
            expected = math.prod(-(-size // chunk) for size, chunk in zip(shape, chunks, strict=True))
            found, unit = dataset.id.get_num_chunks(), "chunks"
        else:
            found, expected, unit = dataset.id.get_storage_size(), count * size, "bytes"
        if found < expected:
            sys.exit(f"damaged: HDF5 dataset {dataset.name!r} has {found} {unit}, must have {expected}")
        values = dataset[()] if dataset.shape is not None else []
        np.save(self.arrays, np.asarray(values, dataset.dtype.newbyteorder("=")), allow_pickle=False)


def clean(text: str | bytes) -> str:
    """A text whose bytes that are no UTF-8 are replaced."""
    stored = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    return stored.decode("utf-8", "replace")


def limit_resources() -> None:
    """Bound this process's memory and time, and leave no memory image where it crashes."""
    if sys.platform == "win32":
        return
    import resource

    limits = {resource.RLIMIT_AS: _MEMORY_BYTES, resource.RLIMIT_CPU: _CPU_SECONDS, resource.RLIMIT_CORE: 0}
    for kind, limit in limits.items():
        _, hard = resource.getrlimit(kind)
        with suppress(ValueError, OSError):  # macOS bounds no address space; a limit of the user's may be lower
            resource.setrlimit(kind, (limit, hard))


def main(source: str, folder: str) -> None:
    """Read one file; exits with a line that says why it cannot be read."""
    limit_resources()
    try:
        with h5py.File(source, "r") as root, Path(folder, "arrays").open("wb") as arrays:
            entries = Reader(arrays).entries(root)
        Path(folder, "objects.json").write_text(json.dumps(entries), encoding="utf-8")
    except Exception as error:  # whatever h5py makes of a damaged file, or no room to write
        sys.exit(f"the HDF5 library cannot read it ({type(error).__name__}: {' '.join(str(error).split())})")


if __name__ == "__main__":
    main(*sys.argv[1:])
