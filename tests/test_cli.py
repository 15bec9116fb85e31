"""The command as a user types it: its reports, its exit codes, and one line for everything that can go wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from simref.cli import parse_clock
from simref.errors import UsageError
from simref.graph import Array, Graph
from simref.interpreter import Inputs
from simref.report.json import schema
from tests.models_present import EXAMPLE, FLOAT_EXAMPLE

SIMREF = str(Path(sys.executable).parent / "simref")
MEASURED = Path(__file__).parents[1] / "traces" / "hardware" / "mlperf_tiny_v1_2.csv"


def simref(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    argv = [SIMREF, *map(str, arguments)]
    return subprocess.run(argv, check=False, capture_output=True, text=True, env={**os.environ, **variables})


def assert_one_line_error(run: subprocess.CompletedProcess[str]) -> str:
    assert run.returncode == 2, run.stdout + run.stderr
    assert run.stdout == ""
    assert run.stderr.startswith("simref: error: ")
    assert run.stderr.count("\n") == 1
    assert "Traceback" not in run.stderr
    return run.stderr


def test_predict_prints_layers_totals_memory_and_proof() -> None:
    run = simref("predict", EXAMPLE, "--core", "cm7", "--clock", "100MHz")
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    for word in ("CONV_2D", "cyc/MACC", "total", "flash", "RAM", "arena", "lower bound", "0 differ", "at 100 MHz"):
        assert word in run.stdout


def test_json_follows_the_shipped_schema_for_one_core_and_for_several() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    one = json.loads(simref("predict", EXAMPLE, "--core", "cm4", "--json").stdout)
    jsonschema.validate(one, schema())
    assert one["core"] == "cm4"
    assert one["exact"]["mismatches"] == 0
    assert one["exact"]["inputs"] == 2
    before_first_layer = one["total"]["cycles"] - sum(layer["cycles"] for layer in one["layers"])
    assert 0 < before_first_layer < 100
    several = json.loads(simref("predict", EXAMPLE, "--core", "cm3,cm0plus", "--core", "cm4", "--json").stdout)
    jsonschema.validate(several, schema())
    assert [p["core"] for p in several["predictions"]] == ["cm3", "cm0plus", "cm4"]
    assert several["predictions"][2]["total"]["instructions"] == one["total"]["instructions"]


def test_json_of_a_compressed_float_network_follows_the_schema_too() -> None:
    one = json.loads(simref("predict", FLOAT_EXAMPLE, "--core", "cm4", "-c", "high", "--json").stdout)
    jsonschema.validate(one, schema())
    assert one["model"]["format"] == "keras"
    assert one["exact"]["mismatches"] == 0
    assert any("compressed to lut4" in note for note in one["notes"])


def test_generate_says_what_it_changed(tmp_path: Path) -> None:
    lines = simref("generate", FLOAT_EXAMPLE, "-o", tmp_path / "net", "-c", "high").stdout.splitlines()
    assert "weights 9,576 B" in lines[0]
    assert [line.split(":")[0] for line in lines[1:]] == ["note"] * 3
    assert "compressed to lut4" in lines[2]


def test_the_version_is_the_packages() -> None:
    assert simref("--version").stdout == f"simref {version('simref')}\n"


def test_several_cores_end_in_a_comparison() -> None:
    run = simref("predict", EXAMPLE, "--core", "cm3,cm4", "--quiet")
    assert run.returncode == 0
    assert [line.split()[0] for line in run.stdout.splitlines()[-2:]] == ["cm3", "cm4"]


def test_a_board_gives_core_and_clock() -> None:
    found = json.loads(simref("predict", EXAMPLE, "--board", "nucleo-l4r5zi", "--json").stdout)
    assert (found["core"], found["board"], found["clock_hz"]) == ("cm4", "nucleo-l4r5zi", 120_000_000)


def test_keep_leaves_every_intermediate_file(tmp_path: Path) -> None:
    run = simref("predict", EXAMPLE, "--core", "cm7", "--keep", tmp_path / "kept")
    assert run.returncode == 0, run.stderr
    names = {path.relative_to(tmp_path / "kept").as_posix() for path in (tmp_path / "kept").rglob("*")}
    assert {"c/network.h", "c/network_layers.c", "c/Makefile", "network.elf", "network.map", "profile.npz"} <= names


def test_inputs_of_the_user_are_run_and_named() -> None:
    data = EXAMPLE.with_name("digits_cnn_test.npz")
    found = json.loads(simref("predict", EXAMPLE, "--core", "cm7", "--input", data, "--samples", "3", "--json").stdout)
    assert found["inputs"]["source"].endswith("digits_cnn_test.npz")
    assert found["exact"]["inputs"] == 3


def test_generate_writes_a_project_that_builds_and_runs(tmp_path: Path) -> None:
    run = simref("generate", EXAMPLE, "-o", tmp_path / "net", "--name", "digits")
    assert run.returncode == 0, run.stderr
    if shutil.which("make") and shutil.which("cc"):
        subprocess.run(["make", "-s", "example", "CFLAGS=-Werror"], check=True, cwd=tmp_path / "net")
        run = subprocess.run([tmp_path / "net" / "example"], check=True, capture_output=True, text=True)
        assert len(run.stdout.split()) == 10


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["predict", "none.tflite", "--core", "cm7"], "none.tflite"),
        (["predict", "EXAMPLE", "--core", "cm99"], "cm0plus, cm3, cm33, cm4, cm55, cm7, cm85"),
        (["predict", "EXAMPLE", "--board", "toaster"], "toaster"),
        (["predict", "EXAMPLE"], "--core"),
        (
            ["predict", "EXAMPLE", "--core", "cm7", "--board", "nucleo-l4r5zi"],
            "must be cm4, which the board nucleo-l4r5zi has",
        ),
        (["predict", "EXAMPLE", "--core", "cm7", "--clock", "fast"], "480MHz"),
        (["predict", "EXAMPLE", "--core", "cm7", "--clock", "0"], "480MHz"),
        (["predict", "EXAMPLE", "--core", "cm7", "--toolchain", "icc"], "auto, gcc or zig"),
        (["predict", "EXAMPLE", "--core", "cm7", "--input", "none.npz"], "none.npz"),
        (["predict", "EXAMPLE", "--core", "cm7", "--samples", "0"], "samples"),
        (["predict", "EXAMPLE", "--core", "cm7", "--keep", "/proc/none"], "/proc"),
        (["predict", "EXAMPLE", "--core", "cm7", "--colour"], "--colour"),
        (["predict", ".", "--core", "cm7"], "."),
        (["generate", "EXAMPLE", "-o", "/dev/null"], "/dev/null"),
        (["generate", "EXAMPLE", "-o", "unused", "--name", "2 nets"], "2 nets"),
        (["supported-ops", "CONV_9D"], "CONV_9D"),
        (["sing"], "sing"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(arguments: list[str], expected: str, tmp_path: Path) -> None:
    argv = [str(EXAMPLE) if word == "EXAMPLE" else word for word in arguments]
    assert expected in assert_one_line_error(simref(*argv))
    assert not Path("unused").exists()


def test_nothing_is_kept_of_a_failed_run(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(EXAMPLE.read_bytes()[:3000])
    assert_one_line_error(simref("predict", broken, "--core", "cm7", "--keep", tmp_path / "kept"))
    assert not (tmp_path / "kept").exists()


def test_no_compiler_is_one_line_that_says_how_to_get_one(tmp_path: Path) -> None:
    error = assert_one_line_error(simref("predict", EXAMPLE, "--core", "cm7", "--toolchain", "gcc", PATH=str(tmp_path)))
    assert "apt install gcc-arm-none-eabi" in error


@pytest.mark.parametrize(
    ("text", "hertz"),
    [
        ("480MHz", 480_000_000),
        ("80 mhz", 80_000_000),
        ("32.5kHz", 32_500),
        ("1.2GHz", 1_200_000_000),
        ("16000", 16_000),
    ],
)
def test_clocks_are_read_with_their_units(text: str, hertz: int) -> None:
    assert parse_clock(text) == hertz


@pytest.mark.parametrize("text", ["", "MHz", "-1MHz", "1e9", "99999999GHz", "48 MHz or so"])
def test_other_clocks_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_clock(text)


def test_exit_code_1_where_a_bit_differs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from simref import interpreter
    from simref.cli import app

    run_all = interpreter.run_all

    def off_by_one_bit(graph: Graph, inputs: Inputs, **options: Any) -> dict[int, Array]:
        values = run_all(graph, inputs, **options)
        values[graph.outputs[0]].reshape(-1)[0] ^= 1
        return values

    monkeypatch.setattr(interpreter, "run_all", off_by_one_bit)
    assert app(["predict", str(EXAMPLE), "--core", "cm4", "--samples", "1"], standalone_mode=False) == 1
    report = capsys.readouterr().out
    assert "1 differ" in report
    assert "layer 7 SOFTMAX" in report


def test_cores_are_listed_with_what_their_timing_rests_on() -> None:
    from costmodel.core import EVIDENCE, core_names, load_core

    lines = simref("cores").stdout.splitlines()
    assert [line.split()[0] for line in lines[2:]] == list(core_names())
    assert all(line.endswith(load_core(line.split()[0]).evidence) for line in lines[2:])
    assert {load_core(name).evidence for name in core_names()} == set(EVIDENCE)


def test_a_board_is_printed_with_its_parameters_and_takes_a_users_fit(tmp_path: Path) -> None:
    text = simref("boards", "nucleo-l4r5zi").stdout
    assert all(word in text for word in ("ART instruction cache", "prefetched_miss", "0x08000000", "375 pJ per cycle"))
    simref("calibrate", MEASURED, "--output", str(tmp_path))
    arguments = [
        "predict",
        str(EXAMPLE),
        "--board",
        "nucleo-l4r5zi",
        "--fit",
        str(tmp_path / "nucleo-l4r5zi.json"),
        "--json",
    ]
    fast, slow = (json.loads(simref(*arguments, *place).stdout) for place in (["--place", "weights=sram"], []))
    assert 0 < fast["total"]["stall_cycles"] < slow["total"]["stall_cycles"]
    assert slow["total"]["cycles_low"] < slow["total"]["cycles"] < slow["total"]["cycles_high"]
    assert slow["total"]["stall_cycles"] >= sum(layer["stall_cycles"] for layer in slow["layers"])
    assert slow["total"]["energy_j"]["usual"] == pytest.approx(375e-12 * slow["total"]["cycles"])
    assert fast["memory"]["ram_total"] - slow["memory"]["ram_total"] == slow["memory"]["weights"]
