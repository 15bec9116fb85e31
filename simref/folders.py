"""Folders of results: written whole or not at all, never over a file of the user's, never with leftovers of ours."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from simref.errors import UsageError

# Lists what simref wrote into a folder, one relative path per line: what it may replace there.
MARKER = ".simref-files"


@contextmanager
def kept_folder(keep: str | Path | None) -> Iterator[Path]:
    """A folder to write into: copied to `keep` when all went well, gone otherwise.

    Files that an earlier call left in `keep` are replaced; other files stay. Raises UsageError before any work when
    `keep` cannot be written, and after it when a file of another origin stands in the way.
    """
    with tempfile.TemporaryDirectory(prefix="simref-") as name:
        if keep is None:
            yield Path(name)
            return
        target = Path(keep)
        _check_writable(target)
        yield Path(name)
        _copy(Path(name), target)


def _check_writable(folder: Path) -> None:
    try:
        existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if not existing.is_dir():
            raise UsageError(f"{existing}: is a file, must be a folder")
        with tempfile.TemporaryFile(dir=existing):
            pass
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder}: cannot be written ({_reason(error)}). Choose another folder.") from error


def _copy(source: Path, target: Path) -> None:
    new = sorted(path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file())
    try:
        ours = _written_before(target)
        foreign = [name for name in new if name not in ours and (target / name).exists()]
        if foreign:
            raise UsageError(f"{target / foreign[0]}: exists and is not simref's. Choose another folder.")
        for name in ours:
            (target / name).unlink(missing_ok=True)
        shutil.copytree(source, target, dirs_exist_ok=True)
        (target / MARKER).write_text("".join(f"{name}\n" for name in new), encoding="utf-8")
    except (OSError, shutil.Error, UnicodeError) as error:
        raise UsageError(f"{target}: cannot be written ({_reason(error)}). Choose another folder.") from error


def _written_before(target: Path) -> set[str]:
    """The files that the marker lists; names that lead out of the folder are not ours."""
    marker = target / MARKER
    names = marker.read_text(encoding="utf-8").splitlines() if marker.is_file() else []
    return {name for name in names if name and ".." not in PurePosixPath(name).parts and not name.startswith("/")}


def _reason(error: Exception) -> str:
    if isinstance(error, shutil.Error):
        return str(error.args[0][0][-1])
    return getattr(error, "strerror", None) or str(error)
