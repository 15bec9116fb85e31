from pathlib import Path

import pytest

from costmodel.board import BOARDS, board_names, load_board
from costmodel.core import core_names
from costmodel.errors import BadTable, UnknownBoard


def test_every_board_has_a_known_core_and_sources_for_its_facts() -> None:
    assert len(board_names()) >= 20
    for name in board_names():
        board = load_board(name)
        assert board.id == name
        assert board.core in core_names()
        assert board.sources


def test_an_unknown_board_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownBoard, match=r"board 'nucleo' is unknown, must be a \.toml file or one of .*pico2"):
        load_board("nucleo")


def test_a_users_own_file_is_a_board(tmp_path: Path) -> None:
    text = (BOARDS / "nucleo-l4r5zi.toml").read_text("utf-8").replace("120_000_000", "80_000_000")
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    assert load_board(str(path)).clock_hz == 80_000_000


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('core = "cm4"', 'core = "cm5"', "core is 'cm5', must be one of 'cm0plus'"),
        ("wait_states = 5", "waits = 5", "flash.waits is unknown"),
        ('holds = "code"', 'holds = "all"', "cache[0].holds is 'all', must be one of 'code'"),
        ("[291, 375, 460]", "[291, 375]", "power.picojoule_per_cycle is [291, 375], must be three integers"),
        ("[power]", "[unused]\nx = 1\n[power]", "unused is unknown"),
    ],
)
def test_a_wrong_key_is_named_with_the_file(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = (BOARDS / "nucleo-l4r5zi.toml").read_text("utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(BadTable) as caught:
        load_board(str(path))
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match=r"none\.toml: cannot be read: No such file"):
        load_board(str(tmp_path / "none.toml"))
