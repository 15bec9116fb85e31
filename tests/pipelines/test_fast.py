"""The fast path: near the emulation, at once, without compiler or emulator, and never mistaken for a proof."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from costmodel.fast import fitted_cores, load_fit
from generator import work
from simref.errors import ToolchainError, UnsupportedError
from simref.pipelines.fast import predict_core_fast, predict_fast, prepare_fast
from simref.pipelines.predict import predict_core, prepare
from simref.pipelines.traces import runtime_digest
from simref.report.fast import fast_comparison_text, fast_json, fast_text
from simref.report.json import schema
from tests.models_present import EXAMPLE, own_models, real_models

SIMREF = str(Path(sys.executable).parent / "simref")
STALE = "the fast path's recorded runs are stale: run 'make traces' (about a minute) and commit what it writes"
# The errors of layers cancel in part: a whole network is nearer than its layers.
TOTAL_ERROR = 0.03


def test_the_recorded_runs_are_of_these_kernels() -> None:
    assert {load_fit(core).runtime_sha256 for core in fitted_cores()} == {runtime_digest()}, STALE


@pytest.mark.parametrize("path", [*own_models(), *real_models()], ids=lambda path: path.stem)
def test_networks_cost_about_what_their_emulation_does(path: Path) -> None:
    fast = prepare_fast(path)
    model = prepare(path, samples=1)
    for core in fitted_cores():
        estimated = predict_core_fast(fast, core=core)
        try:
            emulated = predict_core(model, core=core, toolchain="gcc")
        except ToolchainError:
            pytest.skip("no arm-none-eabi-gcc")
        if emulated.toolchain != estimated.toolchain:
            pytest.skip(f"the recorded runs are of {estimated.toolchain.name} {estimated.toolchain.version}")
        assert estimated.cycles == pytest.approx(emulated.cycles, rel=TOTAL_ERROR), f"{core}: {STALE}"
        assert estimated.instructions == pytest.approx(emulated.instructions, rel=TOTAL_ERROR), f"{core}: {STALE}"
        assert (estimated.arena, estimated.weights) == (emulated.memory.arena, emulated.memory.weights)
        assert (estimated.macc, estimated.peak) == (emulated.macc, emulated.peak)


def test_an_estimate_takes_less_than_50_ms() -> None:
    for path in [*own_models(), *real_models()]:
        predict_fast(path, core="cm4")
        started = time.perf_counter()
        predict_fast(path, core="cm4")
        assert time.perf_counter() - started < 0.05 * 4, path.stem  # a busy machine may take a few times longer


def test_neither_compiler_nor_emulator_is_needed() -> None:
    code = (
        "import sys; from simref.pipelines.fast import predict_fast; predict_fast(sys.argv[1], core='cm7'); "
        "sys.exit(' '.join({'unicorn', 'capstone', 'elftools', 'jinja2', 'numba'} & set(sys.modules)) or 0)"
    )
    environment = {**os.environ, "PATH": ""}
    argv = [sys.executable, "-c", code, str(EXAMPLE)]
    run = subprocess.run(argv, check=False, capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr


def test_reports_are_marked_as_estimates() -> None:
    predictions = [predict_fast(EXAMPLE, core=core) for core in ("cm4", "cm7")]
    for p in predictions:
        expected = f"median error {p.errors.median:.1%}, 95th percentile {p.errors.p95:.1%}"
        assert f"fast estimate, not emulated: {expected}" in fast_text(p)
        found = fast_json([p])
        jsonschema.validate(found, schema())
        assert found["method"] == "fast"
        assert found["exact"] is None
        assert found["memory"]["stack"] is None
        assert found["memory"]["arena"] == p.arena
    jsonschema.validate(fast_json(predictions), schema())
    assert [line.split()[0] for line in fast_comparison_text(predictions).splitlines()[-2:]] == ["cm4", "cm7"]


def test_the_schema_takes_no_estimate_for_a_proof() -> None:
    found = fast_json([predict_fast(EXAMPLE, core="cm4")])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**found, "method": "emulated"}, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**found, "errors": None}, schema())


def test_a_board_gives_core_and_clock_and_its_memories_are_said_not_to_be_priced() -> None:
    p = predict_fast(EXAMPLE, board="nucleo-l4r5zi")
    assert (p.core, p.clock_hz) == ("cm4", 120_000_000)
    assert any("memories of nucleo-l4r5zi are not priced" in note for note in p.notes)


def test_a_kernel_of_unknown_work_is_refused_with_its_layer_and_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    kernels = tuple(kernel for kernel in work.KERNELS if kernel != "softmax_s8")
    monkeypatch.setattr(work, "KERNELS", kernels)
    with pytest.raises(UnsupportedError, match=r"layer 7 SOFTMAX .*softmax_s8 has no fast estimate. Drop --fast"):
        prepare_fast(EXAMPLE)


def test_a_piece_that_was_never_recorded_is_refused() -> None:
    model = prepare_fast(EXAMPLE)
    model.pieces[0]["conv_2d_s8.unheard"] = 1.0  # type: ignore[index]
    with pytest.raises(UnsupportedError, match=r"layer 0 CONV_2D .*unheard was never recorded on cm4. Drop --fast"):
        predict_core_fast(model, core="cm4")


def simref(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SIMREF, *arguments], check=False, capture_output=True, text=True)


def test_the_command_line_estimates_one_core_and_several() -> None:
    one = json.loads(simref("predict", str(EXAMPLE), "--core", "cm4", "--fast", "--json").stdout)
    assert one["method"] == "fast"
    several = simref("predict", str(EXAMPLE), "--core", "cm3,cm7", "--fast")
    assert several.returncode == 0, several.stderr
    assert several.stdout.count("fast estimate, not emulated") == 2


@pytest.mark.parametrize(
    "option", [["--samples", "2"], ["--input", "x.npz"], ["--keep", "out"], ["--toolchain", "gcc"]], ids=lambda o: o[0]
)
def test_what_only_a_run_needs_is_refused_beside_fast(option: list[str]) -> None:
    run = simref("predict", str(EXAMPLE), "--core", "cm4", "--fast", *option)
    assert run.returncode == 2
    assert run.stderr.startswith(f"simref: error: {option[0]} is given, but --fast compiles and runs nothing")
    assert run.stderr.count("\n") == 1
