import subprocess
import sys
from pathlib import Path

import pytest

from costmodel.core import CORES, core_names, load_core, read_core
from costmodel.errors import BadTable, UnknownCore


def test_the_cores_and_their_properties() -> None:
    properties = {
        name: (core.has_dsp, core.has_div, core.has_fpu, core.unaligned_access)
        for name in core_names()
        for core in [load_core(name)]
    }
    assert properties["cm0plus"] == (False, False, "none", False)
    assert properties["cm3"] == (False, True, "none", True)
    assert properties["cm55"] == properties["cm85"] == (True, True, "dp", True)
    assert properties["cm4"] == properties["cm33"] == (True, True, "sp", True)
    assert properties["cm7"] == (True, True, "dp", True)


def test_an_unknown_core_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownCore, match=r"core 'cm9' is unknown, must be one of cm0plus, cm3, .*cm85\.$"):
        load_core("cm9")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("clock_hz = 64_000_000", 'clock_hz = "fast"', "clock_hz is 'fast', must be an integer"),
        ('evidence = "published table"', 'evidence = "hope"', "evidence is 'hope', must be one of 'published table'"),
        ("clock_hz = 64_000_000", "clock_hz = 0", "clock_hz is 0, must be at least 1"),
        ("clock_hz = 64_000_000", "clock_hz = true", "clock_hz is True, must be an integer"),
        ("clock_hz", "clock", "clock_hz is missing, must be an integer"),
        ('isa = ["armv6m"]', 'isa = ["mve"]', "isa holds 'mve', must hold only armv6m"),
        ('isa = ["armv6m"]', "isa = [6]", "isa holds 6, must hold strings only"),
        ("issue_width = 1", "issue_width = 1\nwidth = 1", "pipeline.width is unknown, must be one of"),
        ("stages = 2", "", "pipeline.stages is missing"),
        ('source = "TRM"', 'source = "BOOK"', "pipeline.source is 'BOOK', must name keys of sources: TRM"),
        ("registers_per_cycle = 1", "registers_per_cycle = -1", "timing[3].registers_per_cycle is -1"),
        ('kinds = ["call"]', 'kinds = ["load"]', "timing[6].kinds holds 'load', which an earlier timing holds"),
        ("taken = 1", "latency_to = { nobody = 1 }", "timing[1].latency_to.nobody is unknown"),
        ('id = "cm0plus"', 'id = "cm0"', "id is 'cm0', must be the file's name 'cm0plus'"),
        ("[compile]", "[compile", "not TOML"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = (CORES / "cm0plus.toml").read_text("utf-8")
    assert old in text
    path = tmp_path / "cm0plus.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(BadTable) as caught:
        read_core(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith("cores/cm0plus.toml: ")
    assert "\n" not in str(caught.value)


def test_core_and_board_facts_load_without_the_emulator() -> None:
    heavy = "('numpy', 'numba', 'unicorn', 'capstone', 'elftools')"
    code = f"import sys, costmodel.core, costmodel.board; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
