import json
from pathlib import Path

import pytest

from simref.cli import app
from simref.errors import UsageError
from simref.pipelines.profile import Region, parse_address, parse_mmio, profile_image
from simref.report.profile import profile_json, profile_text
from tests.costmodel.programs import HEADER, assemble, build
from tests.costmodel.test_firmware import FIRMWARE


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "firmware.elf"
    path.write_bytes(build(HEADER + FIRMWARE.format(waits=""), "cm4", flags=("-Wl,-Ttext=0x08000000",)))
    return path


def test_every_call_of_a_function_is_profiled(image: Path) -> None:
    found = profile_image(image, Region(function="work", calls=5), board="nucleo-l4r5zi")
    assert [call.estimate.total_instructions for call in found.calls] == [32, 32, 32]
    assert all(call.stack == 44 for call in found.calls)
    assert any("no further call" in note for note in found.notes)
    assert found.polled.keys() == {0x4002_1000}
    first, second, _ = (sum(call.estimate.stall_cycles) for call in found.calls)
    assert first > second


def test_a_run_from_one_address_to_another(image: Path) -> None:
    found = profile_image(image, Region(start="work", end="leaf"), core="cm4")
    (call,) = found.calls
    assert call.estimate.total_instructions == 3
    assert call.name == "work"


def test_a_function_without_firmware_around_it(tmp_path: Path) -> None:
    path = tmp_path / "bare.elf"
    path.write_bytes(assemble("movs r0, #3\n1: subs r0, #1\n bne 1b\n bx lr"))
    found = profile_image(path, Region(function="main", twice=True), core="cm4")
    assert found.calls[0].estimate.total_instructions == 8
    assert any("no vector table" in note for note in found.notes)


def test_a_function_that_is_never_reached_is_called_directly(image: Path) -> None:
    stuck = {0x4002_1000: [0]}
    found = profile_image(image, Region(function="leaf"), core="cm4", limit=2_000, mmio=stuck)
    assert found.calls[0].estimate.total_instructions == 4
    assert any("called directly" in note for note in found.notes)


def test_report_and_json_say_the_same(image: Path) -> None:
    found = profile_image(image, Region(function="work"), board="nucleo-l4r5zi")
    values = profile_json(found)
    (call,) = values["calls"]
    assert values["core"] == "cm4"
    assert values["board"] == "nucleo-l4r5zi"
    wanted = {"function", "address", "instructions", "cycles", "cycles_low", "cycles_high", "stall_cycles", "stack"}
    assert wanted <= call.keys()
    assert call["cycles_low"] < call["cycles"] < call["cycles_high"]
    text = profile_text(found, annotate=True)
    assert f"{call['cycles']:,}" in text
    assert "subs r0, #1" in text


@pytest.mark.parametrize(
    ("region", "found"),
    [
        (Region(), "nothing to profile"),
        (Region(function="work", end="leaf"), "nothing to profile"),
        (Region(function="work", start="leaf"), "--from goes with --to"),
        (Region(function="absent"), 'is "absent": no such symbol'),
        (Region(function="0xzz"), "must be an address"),
    ],
)
def test_a_wrong_region_is_refused(image: Path, region: Region, found: str) -> None:
    with pytest.raises(UsageError, match=found):
        profile_image(image, region, core="cm4")


def test_wrong_numbers_are_refused() -> None:
    assert parse_mmio(["0x40000000=1,0x2", "1073741828=3"]) == {0x4000_0000: [1, 2], 0x4000_0004: [3]}
    for text in ("0x40000000", "x=1", "0x40000000=1,,2"):
        with pytest.raises(UsageError, match="must be ADDRESS=VALUE"):
            parse_mmio([text])
    with pytest.raises(UsageError, match="--base"):
        parse_address("-1", "--base")


def test_the_command_prints_json(image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["profile", str(image), "--core", "cm4", "--function", "work", "--json", "--call-twice"]
    app(arguments, standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["calls"][0]["instructions"] == 32
