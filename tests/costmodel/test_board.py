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
        assert set(board.places) == {"code", "weights", "arena"}
        assert all(parameter.low <= parameter.cycles <= parameter.high for parameter in board.parameters)


def test_a_write_back_cache_has_other_events_than_none() -> None:
    with_cache, without = load_board("stm32f746g-disco").events, load_board("stm32f469i-disco").events
    assert "sdram.write_back" in with_cache
    assert "sdram.write" not in with_cache
    assert "sdram.write" in without
    assert "sdram.write_back" not in without
    assert "flash.read_next" in with_cache
    assert "flash.write" not in with_cache


def test_memory_without_wait_states_is_not_timed_and_unknown_ones_are_told() -> None:
    board = load_board("nucleo-l4r5zi")
    assert [memory.name for memory in board.memories if board.is_timed(memory)] == ["flash"]
    assert not board.untimed
    assert [memory.name for memory in load_board("ek-ra6m4").untimed] == ["flash"]


def test_an_unknown_board_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownBoard, match=r"board 'nucleo' is unknown, must be a \.toml file or one of .*pico2"):
        load_board("nucleo")


def test_a_users_own_file_is_a_board(tmp_path: Path) -> None:
    text = (BOARDS / "nucleo-l4r5zi.toml").read_text("utf-8").replace("120_000_000", "80_000_000")
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    assert load_board(str(path)).clock_hz == 80_000_000


def test_the_documented_board_is_one(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "boards.md").read_text("utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(text.split("```toml\n")[1].split("```")[0], "utf-8")
    board = load_board(str(path))
    assert [memory.name for memory in board.memories if board.is_timed(memory)] == ["flash"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('core = "cm4"', 'core = "cm5"', "core is 'cm5', must be one of 'cm0plus'"),
        ('id = "nucleo-l4r5zi"', 'id = "../l4"', "id is '../l4', must be letters, digits, underscores and hyphens"),
        ('name = "sram"', 'name = "s.ram"', "memory[1].name is 's.ram', must be letters"),
        ("wait_states = 5", "waits = 5", "memory[0].waits is unknown"),
        ("wait_states = 0", "wait_states = 1", "parameter prices no event of 'sram', which has wait states"),
        ('kind = "sram"', 'kind = "dram"', "memory[1].kind is 'dram', must be one of 'flash', 'sram'"),
        ("base = 0x2000_0000", "base = 0x0801_0000", "memory[1].base is 0x08010000, overlaps the memory 'flash'"),
        ("read_bits = 64", "read_bits = 65", "memory[0].read_bits is 65, must be a power of two"),
        ('name = "sram"', 'name = "flash"', "memory[1].name is 'flash' again"),
        ("size = 1024", "size = 1000", "cache[0].size is 1000, must be line x ways x a power of two"),
        ("ways = 32\n", "", "cache 'ART instruction cache' lacks size, line or ways"),
        ("sector = 8", "sector = 64", "cache[0].sector is 64, must be at most the line"),
        ('of = ["flash"]', 'of = ["rom"]', "cache[0].of names 'rom', must name memories: flash, sram"),
        ("cycles = 5.0", "cycles = 50", "parameter[0].cycles is 50, must lie in range 3 to 9"),
        ("cycles = 5.0", "cycles = true", "parameter[0].cycles is True, must be a number"),
        ("range = [3.0, 9.0]", "range = [3.0]", "parameter[0].range is [3.0], must be 2 numbers"),
        ('["flash.fetch_next"]', '["flash.fetch"]', "'prefetched_miss' names the event 'flash.fetch'"),
        ('"flash.read_jump", ', "", "parameter prices every event but 'flash.read_jump'"),
        ('arena = "sram"', 'arena = "flash"', "places.arena is 'flash', must be a memory that a program can write"),
        ('arena = "sram"', 'arena = "ccm"', "places.arena is 'ccm', must be one of 'flash', 'sram'"),
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
