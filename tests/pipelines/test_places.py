from __future__ import annotations

from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from costmodel.board import load_board
from simref.errors import UsageError
from simref.pipelines.places import check_places, check_room, choose_places, overflows, parse_places
from simref.pipelines.predict import predict_core, prepare
from simref.pipelines.prediction import Prediction
from tests.models_present import EXAMPLE

BOARD = load_board("stm32f746g-disco")


@pytest.fixture(scope="module")
def predictions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Prediction]:
    model = prepare(EXAMPLE, samples=1)
    kept = tmp_path_factory.mktemp("kept")
    return {
        name: predict_core(model, board=BOARD.id, place=place, keep=kept / name)
        for name, place in {
            "default": {},
            "dtcm": {"weights": "dtcm", "arena": "dtcm"},
            "sdram": {"weights": "sdram", "arena": "sdram"},
            "qspi": {"weights": "qspi"},
        }.items()
    } | {"free": predict_core(model, core="cm7")}


def test_only_stalls_depend_on_where_things_lie(predictions: dict[str, Prediction]) -> None:
    assert {p.instructions for p in predictions.values()} == {predictions["free"].instructions}
    assert {p.exact.mismatches for p in predictions.values()} == {0}
    assert predictions["free"].stall_cycles == 0
    stalls = {name: p.stall_cycles for name, p in predictions.items()}
    assert stalls["dtcm"] < stalls["default"] < stalls["sdram"] < stalls["qspi"]
    for p in predictions.values():
        assert p.stall_cycles == p.overhead_stall_cycles + sum(layer.stall_cycles for layer in p.layers)


def test_weights_in_a_memory_that_is_written_count_as_ram(predictions: dict[str, Prediction]) -> None:
    plain, moved, external = (predictions[name].memory for name in ("default", "sdram", "qspi"))
    assert moved.ram - plain.ram == plain.weights == moved.weights_in_ram
    assert external.ram == plain.ram
    assert moved.flash == plain.flash


def test_the_program_is_linked_into_the_boards_memories(tmp_path: Path) -> None:
    predict_core(
        prepare(EXAMPLE, samples=1), board=BOARD.id, place={"weights": "sdram", "arena": "dtcm"}, keep=tmp_path
    )
    with (tmp_path / "network.elf").open("rb") as stream:
        base = {section.name: section["sh_addr"] for section in ELFFile(stream).iter_sections()}
    for section, memory in ((".text", "flash"), (".weights", "sdram"), (".arena", "dtcm"), (".stack", "sram")):
        held = BOARD.memory(memory)
        assert held is not None
        assert held.base <= base[section] < held.base + held.size


@pytest.mark.parametrize("word", ["weights", "weights=", "code=flash", "=sram", "weights:sram"])
def test_a_wrong_word_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match=r"must be weights=MEMORY or arena=MEMORY"):
        parse_places([word])


def test_a_memory_that_the_board_lacks_is_refused_with_those_it_has() -> None:
    with pytest.raises(UsageError, match=r"--place arena=qspi: stm32f746g-disco has for it itcm, dtcm, sram, sdram,"):
        choose_places(BOARD, {"arena": "qspi"})
    with pytest.raises(UsageError, match=r"pico has for it flash, sram, but not \"sdram\""):
        choose_places(load_board("pico"), {"weights": "sdram"})
    with pytest.raises(UsageError, match=r"Use --board"):
        check_places(None, {"weights": "sram"})


def test_what_does_not_fit_is_refused_where_the_user_put_it() -> None:
    dtcm = choose_places(BOARD, {"weights": "dtcm", "arena": "dtcm"})
    check_room(dtcm, 60_000, 5_000)
    with pytest.raises(UsageError, match=r"weights of 60,000 B and arena of 6,000 B do not fit its 65,536 B"):
        check_room(dtcm, 60_000, 6_000)
    check_room(choose_places(BOARD, {}), 10**9, 10**9)


def test_what_does_not_fit_where_it_usually_lies_is_told() -> None:
    places = choose_places(load_board("nucleo-l4r5zi"), {})
    assert overflows(places, flash=1 << 20, ram=1 << 18) == ()
    (note,) = overflows(places, flash=1 << 22, ram=1 << 18)
    assert note == "nucleo-l4r5zi: 4,194,304 B do not fit the 2,097,152 B of flash; priced as if they did"
