"""HDF5 files: groups, the strings of their attributes, and datasets, read by h5py in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array, Shape
from simref.importers._untrusted import printable

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_CHILD = Path(__file__).with_name("hdf5_child.py")
_SECONDS = 60.0
# No plug-ins of libhdf5, and no threads, which take time to start.
_ENVIRONMENT = {"HDF5_PLUGIN_PRELOAD": "::", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True, eq=False)
class Object:
    """A group or a dataset, by its number among the file's objects; or one that cannot be read, and why."""

    entries: list[dict[str, Any]]
    number: int | str
    path: str

    @property
    def _entry(self) -> dict[str, Any]:
        entry = {"refusal": self.number} if isinstance(self.number, str) else self.entries[self.number]
        if entry.get("refusal"):
            raise UnsupportedError(f'HDF5 object "{printable(self.path)}" {printable(entry["refusal"])}')
        return entry

    def attribute(self, name: str) -> list[str] | None:
        """An attribute's strings in row-major order, none where it holds numbers; None where there is no such."""
        found: list[str] | None = self._entry.get("attributes", {}).get(name)
        return found

    @cached_property
    def children(self) -> dict[str, Object]:
        """The members of a group by name."""
        members = self._entry.get("members", {})
        return {
            name: Object(self.entries, number, f"{self.path}/{name}".lstrip("/")) for name, number in members.items()
        }

    def find(self, path: str) -> Object | None:
        """The member of members that a path with slashes names, or None."""
        found: Object | None = self
        for name in path.split("/"):
            found = None if found is None else found.children.get(name)
        return found

    @property
    def shape(self) -> Shape:
        """The dimensions of a dataset."""
        return self.array().shape

    def array(self) -> Array:
        """The numbers of a dataset, in the machine's byte order. Raises UnsupportedError where they cannot be read."""
        if "array" not in self._entry:
            raise ModelError(f'HDF5 object "{printable(self.path)}" is a group, must be a dataset')
        array: Array = self._entry["array"]
        return array


def open_hdf5(data: bytes) -> Object:
    """The root group of an HDF5 file's content, all of it read. Raises ModelError where that is impossible."""
    if data[:8] != SIGNATURE:
        raise ModelError(f"not an HDF5 file: it starts with {data[:8]!r}, must start with {SIGNATURE!r}")
    try:
        with tempfile.TemporaryDirectory(prefix="simref-") as name:
            folder = Path(name)
            (folder / "file.h5").write_bytes(data)
            _read(folder)
            return Object(_entries(folder), 0, "")
    except OSError as error:
        raise ModelError(f"the HDF5 library could not be run on it ({error})") from error


def _read(folder: Path) -> None:
    """Let the child read the file in a folder. -P: modules beside the child are no libraries."""
    command = [sys.executable, "-P", str(_CHILD), "file.h5", "."]
    try:
        run = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **_ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"damaged: the HDF5 library reads it for over {_SECONDS:g} s") from error
    if run.returncode == 1:
        lines = run.stderr.decode("utf-8", "replace").splitlines() or ["the HDF5 library cannot read it"]
        raise ModelError(printable(lines[-1]))
    if run.returncode:
        cause = signal.Signals(-run.returncode).name if run.returncode < 0 else f"status {run.returncode}"
        raise ModelError(f"damaged: the HDF5 library crashed on it ({cause})")


def _entries(folder: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((folder / "objects.json").read_bytes())
    with (folder / "arrays").open("rb") as arrays:
        for entry in entries:
            if "members" not in entry and entry["refusal"] is None:
                entry["array"] = np.load(arrays, allow_pickle=False)
                entry["array"].setflags(write=False)
    return entries
