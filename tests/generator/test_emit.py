"""The generated folder: it stands alone, compiles without a warning everywhere, and holds what it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.emit import Project, generate
from simref.builder import GraphBuilder
from simref.errors import UsageError
from simref.importers import load
from simref.importers.tflite import import_tflite
from simref.interpreter import run
from tests.models_present import EXAMPLE, own_models
from tests.pipelines.float_models import classifier

WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wstrict-prototypes", "-Werror"]


@pytest.fixture(scope="module")
def project() -> Project:
    return generate(load(EXAMPLE), "digits")


@pytest.mark.parametrize("compiler", ["gcc", "clang", "arm-none-eabi-gcc"])
@pytest.mark.parametrize("model", own_models(), ids=lambda path: path.stem)
def test_the_code_compiles_without_a_warning(compiler: str, model: Path, tmp_path: Path) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    project = generate(load(model))
    project.write(tmp_path)
    freestanding = ["-mcpu=cortex-m0plus", "-mthumb", "-ffreestanding"] if compiler.startswith("arm") else []
    support = ["-isystem", str(Path(__file__).parents[2] / "runtime_c" / "support" / "include")] if freestanding else []
    argv = [compiler, "-fsyntax-only", *WARNINGS, *freestanding, *support, "-I.", *project.sources]
    compiled = subprocess.run(argv, check=False, cwd=tmp_path, capture_output=True, text=True)
    assert compiled.returncode == 0, compiled.stderr


def test_every_symbol_is_prefixed_and_nothing_is_writable(project: Project, tmp_path: Path) -> None:
    nm = shutil.which("nm")
    if nm is None or shutil.which("cc") is None:
        pytest.skip("no cc or nm")
    project.write(tmp_path)
    for source in project.sources:
        subprocess.run(["cc", "-c", "-O1", "-fno-pic", "-I.", source, "-o", "out.o"], check=True, cwd=tmp_path)
        listing = subprocess.run(
            [nm, "--defined-only", "out.o"], check=True, cwd=tmp_path, capture_output=True, text=True
        )
        for _, kind, name in re.findall(r"^(\w+) (\w) (\S+)$", listing.stdout, re.MULTILINE):
            assert kind not in "bBdDC", f"{source}: {name} is writable"
            if kind.isupper():
                assert name.startswith(("simref_", "digits_")), f"{source}: {name}"


def test_only_memcpy_and_memset_come_from_outside(project: Project, tmp_path: Path) -> None:
    nm = shutil.which("nm")
    if nm is None or shutil.which("cc") is None:
        pytest.skip("no cc or nm")
    project.write(tmp_path)
    flags = ["-O2", "-fno-stack-protector", "-fno-pic", "-I."]
    subprocess.run(["cc", *flags, "-r", "-nostdlib", *project.sources, "-o", "all.o"], check=True, cwd=tmp_path)
    listing = subprocess.run(
        [nm, "--undefined-only", "all.o"], check=True, cwd=tmp_path, capture_output=True, text=True
    )
    assert {line.split()[-1] for line in listing.stdout.splitlines()} <= {"memcpy", "memset"}


def test_cmake_builds_the_library_and_the_example(project: Project, tmp_path: Path) -> None:
    if shutil.which("cmake") is None or shutil.which("cc") is None:
        pytest.skip("no cmake or cc")
    project.write(tmp_path)
    for argv in (["cmake", "-S", ".", "-B", "build"], ["cmake", "--build", "build", "--target", "digits_example"]):
        subprocess.run(argv, check=True, cwd=tmp_path, capture_output=True)
    assert (tmp_path / "build" / "digits_example").is_file()


def test_floats_are_built_so_that_no_product_is_fused_unasked(tmp_path: Path) -> None:
    if shutil.which("cmake") is None or shutil.which("make") is None or shutil.which("cc") is None:
        pytest.skip("no cmake, make or cc")
    project = generate(import_tflite(classifier()), "floats")
    project.write(tmp_path)
    make = ["make", "--dry-run", "CFLAGS=-O3"]
    configure = ["cmake", "-S", ".", "-B", "build", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"]
    commands = subprocess.run(make, check=True, cwd=tmp_path, capture_output=True, text=True).stdout
    subprocess.run(configure, check=True, cwd=tmp_path, capture_output=True)
    commands += "".join(
        entry["command"] + "\n" for entry in json.loads((tmp_path / "build" / "compile_commands.json").read_text())
    )
    compiled = [line for line in commands.splitlines() if " -c " in line and "example.c" not in line]
    assert len(compiled) == 2 * len(project.sources)
    assert all("-ffp-contract=off" in line and "-fno-math-errno" in line for line in compiled)


@pytest.mark.parametrize("fused", [False, True], ids=["separate", "fused"])
def test_make_builds_an_example_of_floats(fused: bool, tmp_path: Path) -> None:
    if shutil.which("make") is None or shutil.which("cc") is None:
        pytest.skip("no make or cc")
    graph = import_tflite(classifier())
    generate(graph, "floats").write(tmp_path)
    subprocess.run(
        ["make", "-s", "example", f"CFLAGS=-O1 -Werror -DSIMREF_FUSED={int(fused)}"], check=True, cwd=tmp_path
    )
    printed = subprocess.run(["./example"], check=True, cwd=tmp_path, capture_output=True, text=True).stdout
    (expected,) = run(graph, np.zeros(graph.tensors[graph.inputs[0]].shape, np.float32), fused=fused)
    np.testing.assert_allclose([float(line) for line in printed.split()], expected.ravel(), atol=1e-6)


def test_an_example_of_half_and_double_floats_runs(tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("no cc")
    builder = GraphBuilder("wide")
    half, double = (builder.input(dtype, (1, 3), dtype) for dtype in ("float16", "float64"))
    outputs = [
        builder.layer("CAST", f"y{k}", [x], dtype=d)
        for k, (x, d) in enumerate(((half, "float64"), (double, "float16")))
    ]
    project = generate(builder.graph(outputs), "wide")
    project.write(tmp_path)
    subprocess.run(["cc", *WARNINGS, *project.sources, "example.c", "-I.", "-o", "example"], check=True, cwd=tmp_path)
    printed = subprocess.run([tmp_path / "example"], check=True, capture_output=True, text=True).stdout
    assert [float(line) for line in printed.split()] == [0.0] * 6
    assert "float16[1, 3], each as its bits" in project.files["wide.h"]


def test_only_networks_of_floats_speak_of_them(project: Project) -> None:
    floats = generate(import_tflite(classifier()), "floats").files["README.md"]
    assert "SIMREF_FUSED" in floats
    assert "SCALE" not in floats
    assert "SIMREF_FUSED" not in project.files["README.md"]
    assert "SCALE" in project.files["README.md"]


def test_cplusplus_links_two_networks_and_their_shared_kernels(tmp_path: Path) -> None:
    if shutil.which("g++") is None or shutil.which("make") is None:
        pytest.skip("no g++ or make")
    for name in ("first", "second"):
        generate(load(EXAMPLE), name).write(tmp_path / name)
        subprocess.run(["make", "-s", f"lib{name}.a"], check=True, cwd=tmp_path / name)
    lines = [
        '#include "first.h"',
        '#include "second.h"',
        "alignas(8) static uint8_t arena[FIRST_ARENA_SIZE];",
        "int main() { first_run(arena); second_run(arena); return 0; }",
    ]
    (tmp_path / "main.cpp").write_text("\n".join(lines))
    libraries = ["first/libfirst.a", "second/libsecond.a"]
    subprocess.run(["g++", "-Ifirst", "-Isecond", "main.cpp", *libraries, "-o", "main"], check=True, cwd=tmp_path)
    subprocess.run([tmp_path / "main"], check=True)


@pytest.mark.parametrize("model", own_models(), ids=lambda path: path.stem)
def test_the_sanitizers_find_nothing(model: Path, tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("no cc")
    flags = ["-std=c99", "-O1", "-g", "-I.", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    probe = subprocess.run(
        ["cc", *flags, "-x", "c", "-", "-o", "probe"], check=False, cwd=tmp_path, input=b"int main(void){return 0;}"
    )
    if probe.returncode:
        pytest.skip("no sanitizers")
    project = generate(load(model))
    project.write(tmp_path)
    subprocess.run(["cc", *flags, *project.sources, "example.c", "-o", "example"], check=True, cwd=tmp_path)
    # The leak checker needs ptrace, which sandboxes refuse; the code has no heap.
    variables = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
    ran = subprocess.run([tmp_path / "example"], check=False, capture_output=True, text=True, env=variables)
    assert ran.returncode == 0, ran.stderr


def test_the_project_says_its_sizes(project: Project) -> None:
    header = project.files["digits.h"]
    assert f"#define DIGITS_ARENA_SIZE {project.plan.arena}\n" in header
    assert f"#define DIGITS_WEIGHTS_SIZE {project.weight_bytes}\n" in header
    assert project.weight_bytes == sum(constant.array.nbytes for constant in project.constants)


def test_generating_twice_gives_the_same_text(project: Project) -> None:
    assert dict(generate(load(EXAMPLE), "digits").files) == dict(project.files)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=12))
def test_a_name_is_a_prefix_or_refused(name: str) -> None:
    if re.fullmatch(r"[a-z][a-z0-9_]*", name) and not name.startswith("simref") and name != "example":
        assert f"void {name}_run(uint8_t *arena);" in generate(load(EXAMPLE), name).files[f"{name}.h"]
    else:
        with pytest.raises(UsageError):
            generate(load(EXAMPLE), name)
