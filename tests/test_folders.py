"""Folders of results: whole or not at all, over nothing of the user's, without leftovers of an earlier run."""

from __future__ import annotations

from pathlib import Path

import pytest

from simref.errors import UsageError
from simref.folders import MARKER, kept_folder


def keep(target: Path, *names: str) -> None:
    with kept_folder(target) as folder:
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_all_is_there_at_the_end(tmp_path: Path) -> None:
    keep(tmp_path / "a" / "b", "one.c", "kernels/two.c")
    assert files(tmp_path / "a" / "b") == {"one.c", "kernels/two.c", MARKER}


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail_halfway() -> None:
        with kept_folder(tmp_path / "a" / "b") as folder:
            (folder / "half").write_text("")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert not (tmp_path / "a").exists()


def test_files_of_an_earlier_run_are_replaced_and_others_stay(tmp_path: Path) -> None:
    keep(tmp_path, "old_layers.c", "same.c")
    (tmp_path / "notes.txt").write_text("mine")
    keep(tmp_path, "new_layers.c", "same.c")
    assert files(tmp_path) == {"new_layers.c", "same.c", "notes.txt", MARKER}


def test_a_file_of_the_users_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("mine")
    with pytest.raises(UsageError, match="Makefile: exists and is not simref's"):
        keep(tmp_path, "Makefile", "one.c")
    assert files(tmp_path) == {"Makefile"}
    assert (tmp_path / "Makefile").read_text() == "mine"


def test_a_marker_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / MARKER).write_text(f"../precious\n{tmp_path / 'precious'}\n")
    keep(tmp_path / "in", "one.c")
    assert (tmp_path / "precious").exists()


def test_an_unusable_folder_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for target, words in ((tmp_path / "file", "is a file"), (tmp_path / ("x" * 300), "cannot be written")):
        with pytest.raises(UsageError, match=words), kept_folder(target):
            pytest.fail("work was begun")
