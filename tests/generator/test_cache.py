import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.cache import UNUSED_AFTER_S, Store, cache_dir, copy_atomically, digest
from simref.errors import UsageError

KEY = digest("a key")


def writes(content: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def test_digest_keeps_parts_apart() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("ab", "") != digest("ab")
    assert digest(b"ab") == digest("ab")


def test_environment_moves_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMREF_CACHE", str(tmp_path / "deep" / "cache"))
    assert cache_dir() == (tmp_path / "deep" / "cache").resolve()
    assert cache_dir().is_dir()


def test_a_cache_that_cannot_be_made_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SIMREF_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(UsageError, match="SIMREF_CACHE") as caught:
        cache_dir()
    assert "\n" not in str(caught.value)


def test_an_entry_is_made_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.get(KEY, ".o") is None
    made = store.make(KEY, ".o", writes(b"first"))
    again = store.make(KEY, ".o", writes(b"second"))
    assert made == again == store.get(KEY, ".o")
    assert made.read_bytes() == b"first"


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        path.write_bytes(b"half")
        raise RuntimeError("disk gone")

    with pytest.raises(RuntimeError):
        Store(tmp_path).make(KEY, ".o", write)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_sweep_removes_what_nobody_used_for_long_and_nothing_else(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old = store.make(KEY, ".o", writes(b"old"))
    used = store.make(KEY, ".elf", writes(b"used"))
    long_ago = time.time() - UNUSED_AFTER_S - 60
    os.utime(old, (long_ago, long_ago))
    os.utime(used, (long_ago, long_ago))
    assert store.get(KEY, ".elf") == used
    store.sweep()
    assert (old.exists(), used.exists()) == (False, True)


def test_copy_is_complete_or_absent(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        copy_atomically(tmp_path / "missing", tmp_path / "out" / "file")
    assert list((tmp_path / "out").iterdir()) == []
    with pytest.raises(UsageError, match="cannot be written"):
        copy_atomically(Path(__file__), Path(__file__) / "file")
