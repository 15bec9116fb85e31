"""The user's cache folder: files named by the hash of what made them, shared by parallel runs."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_cache_dir

from simref.errors import UsageError

# Part of every key: raised when the meaning of an entry changes while its inputs do not.
FORMAT = b"simref-build-1"
UNUSED_AFTER_S = 30 * 24 * 3600
SWEEP_EVERY_S = 24 * 3600


def cache_dir() -> Path:
    """The folder of everything simref caches: `$SIMREF_CACHE`, else the platform's user cache folder.

    Raises UsageError when the folder cannot be made.
    """
    folder = Path(os.environ.get("SIMREF_CACHE") or user_cache_dir("simref"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from error
    return folder.resolve()


def digest(*parts: bytes | str) -> str:
    """SHA-256 of the parts, each with its length, so that no two lists of parts share a key."""
    sha = hashlib.sha256(FORMAT)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        sha.update(len(data).to_bytes(8, "little"))
        sha.update(data)
    return sha.hexdigest()


class Store:
    """Files under one folder, each written once, complete or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str, suffix: str) -> Path | None:
        """The entry's path, marked as used now; None when there is none."""
        path = self._path(key, suffix)
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def make(self, key: str, suffix: str, write: Callable[[Path], None]) -> Path:
        """The entry's path; when it is missing, `write` fills a temporary file that then takes its name."""
        found = self.get(key, suffix)
        if found is not None:
            return found
        path = self._path(key, suffix)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".new-", suffix=suffix, dir=path.parent)
        except OSError as error:
            raise _unusable(self._folder, error) from error
        os.close(handle)
        try:
            write(Path(name))
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
        return path

    def sweep(self) -> None:
        """Remove entries no run has used for 30 days; at most once a day, as the stamp file says.

        `get` marks an entry before it is read, so a run never loses one that it is about to use.
        """
        stamp = self._folder / ".swept"
        now = time.time()
        try:
            if now - stamp.stat().st_mtime < SWEEP_EVERY_S:
                return
        except OSError:
            pass
        try:
            stamp.touch()
            for path in self._folder.glob("*/*"):
                if path.is_file() and now - path.stat().st_mtime > UNUSED_AFTER_S:
                    path.unlink(missing_ok=True)
        except OSError:
            return  # another run sweeps at the same time, or the folder went away: nothing is lost

    def _path(self, key: str, suffix: str) -> Path:
        return self._folder / key[:2] / f"{key[2:]}{suffix}"


def copy_atomically(source: Path, target: Path) -> None:
    """Copy a file so that `target` is either absent, the old one, or complete."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=target.parent)
        os.close(handle)
    except OSError as error:
        raise _unusable(target.parent, error) from error
    try:
        shutil.copyfile(source, name)
        Path(name).chmod(0o644)
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)


def _unusable(folder: Path, error: OSError) -> UsageError:
    return UsageError(
        f"folder {folder} cannot be written ({error.strerror}): choose another, for the cache with SIMREF_CACHE."
    )
