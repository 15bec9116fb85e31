import pytest

from costmodel.board import board_names, load_board
from costmodel.fit import shipped_fit
from simref.report.boards import board_text, boards_text


@pytest.mark.parametrize("name", board_names())
def test_every_fact_of_a_board_is_printed_with_its_source(name: str) -> None:
    board = load_board(name)
    text = board_text(board, shipped_fit(board))
    rows = text.splitlines()
    facts = [(m.name, m.source) for m in board.memories] + [(c.name, c.source) for c in board.caches]
    for fact, source in facts + [(p.name, p.source) for p in board.parameters]:
        assert any(row.startswith(fact) and row.rstrip().endswith(source) for row in rows)
        assert set(source.split()) <= board.sources.keys()
    assert ("energy: not measured" in text) == (board.power is None)


def test_fitted_values_stand_beside_the_defaults() -> None:
    board = load_board("nucleo-u575zi-q")
    fit = shipped_fit(board)
    assert fit is not None
    assert f"{fit.cycles['line_miss']:.2f}" in board_text(board, fit)
    assert f"{fit.cycles['line_miss']:.2f}" not in board_text(board, None)


def test_the_list_says_which_memories_are_priced() -> None:
    rows = {row.split()[0]: row for row in boards_text(map(load_board, board_names())).splitlines()}
    assert "flash sram qspi sdram" in rows["stm32f746g-disco"]
    assert rows["ek-ra6m4"].split()[-2:] == ["-", "yes"]
