"""Every speed the project promises, measured now and printed (make bench). Nothing is asserted: machines differ.

Times are medians of several runs on this machine; ratios are of runs in turn, so that drift cancels. Instruction
counts are exact.
"""

from __future__ import annotations

import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tabulate import tabulate

from costmodel.core import load_core
from costmodel.emulate import Machine
from generator.link import STACK_SIZE
from generator.toolchains import find_toolchain
from simref.graph import Array
from simref.importers import load
from simref.inputs import random_inputs
from simref.interpreter import run
from simref.pipelines.comparison import ARENA, ENTRY
from simref.pipelines.models import ModelSource
from simref.pipelines.predict import INSTRUCTION_LIMIT, build_for_core, predict, predict_core, prepare
from tests import bench_fast, bench_mca, bench_memory
from tests.models_present import EXAMPLE, SHARED, real_models

SIMREF = str(Path(sys.executable).parent / "simref")
BATCH = 64
FLOATS = (
    ("cnn32_bn.h5", "lossless"),
    ("cnn32_bn.h5", "high"),
    ("dnn_kws.h5", "lossless"),
    ("dnn_kws.h5", "high"),
    ("vww_96.h5", "lossless"),
    ("pretrainedResnet.h5", "lossless"),
    ("lstm_gru.h5", "lossless"),
    ("vit_digits6.onnx", "lossless"),
)


def main() -> None:
    """Run all benchmarks."""
    model = SHARED / "models" / "vww_96_int8.tflite"
    model = model if model.is_file() else EXAMPLE
    print(f"model {model.name}, {os.cpu_count()} cores, {find_toolchain().name} {find_toolchain().version}\n")
    rows = [
        *command_line(model),
        bench_fast.speed(model),
        *emulation(model),
        *bench_memory.speed(model),
        *reference(model),
        *reference(model.with_name("vww_96_float.tflite")),
    ]
    print(tabulate(rows, ["speed", "measured", "aim"], disable_numparse=True), "\n")
    print(tabulate(instructions(), ["core", "model", "operator", "instructions", "peer", "ratio"], intfmt=","), "\n")
    print(tabulate(lossless(), ["lossless", "MACC", "cycles, cm7", "flash B"], disable_numparse=True), "\n")
    headers = ["float network", "compression", "core", "MACC", "cycles", "cyc/MACC", "flash B"]
    print(tabulate(floats(), headers, disable_numparse=True), "\n")
    print(tabulate(bench_fast.compare(), bench_fast.HEADER, disable_numparse=True), "\n")
    loops = bench_mca.compare(model)
    print(tabulate(loops, bench_mca.HEADER, disable_numparse=True) if loops else "llvm-mca is not installed")


def command_line(model: Path) -> list[list[str]]:
    """Whole processes: cold with every cache empty, warm, and the help."""
    argv = [SIMREF, "predict", str(model), "--core", "cm7"]
    cold = []
    with tempfile.TemporaryDirectory() as name:
        for k in range(3):
            caches = {"SIMREF_CACHE": f"{name}/{k}", "NUMBA_CACHE_DIR": f"{name}/{k}/numba"}
            cold.append(_seconds(argv, caches))
        warm = [_seconds(argv, caches) for _ in range(5)]
    start = [_seconds([SIMREF, "--help"], {}) for _ in range(5)]
    return [
        ["predict --core cm7, cold", f"{statistics.median(cold):.2f} s", "6 s"],
        ["predict --core cm7, warm", f"{statistics.median(warm):.2f} s", "1.5 s"],
        ["simref --help", f"{statistics.median(start):.2f} s", "0.3 s"],
    ]


def _seconds(argv: list[str], variables: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(argv, check=True, capture_output=True, env={**os.environ, **variables})
    return time.perf_counter() - started


def emulation(model: Path) -> list[list[str]]:
    """Emulated instructions per second, counted and uncounted in turn."""
    prepared, core = prepare(ModelSource(model, compression="none"), samples=1), load_core("cm7")
    with tempfile.TemporaryDirectory() as name:
        elf = build_for_core(prepared.project, core, find_toolchain(), Path(name))
        machines = {
            counted: Machine(
                elf, core, stack_size=STACK_SIZE, instruction_limit=INSTRUCTION_LIMIT, counted=counted
            )
            for counted in (True, False)
        }  # fmt: skip
    total = 0
    times = defaultdict(list)
    for repeat in range(6):
        for counted, machine in machines.items():
            for index, array in prepared.inputs.arrays.items():
                machine.write(machine.symbol(ARENA) + prepared.project.plan.offsets[index], array[0].tobytes())
            started = time.perf_counter()
            profile = machine.call(ENTRY)
            if repeat:
                times[counted].append(time.perf_counter() - started)
            if counted:
                total = profile.total_instructions
    counted_s, plain_s = statistics.median(times[True]), statistics.median(times[False])
    ratio = statistics.median(p / c for p, c in zip(times[False], times[True], strict=True))
    return [
        ["emulation, counted", f"{total / counted_s / 1e6:.0f} M instructions/s", "150"],
        ["emulation, uncounted", f"{total / plain_s / 1e6:.0f} M instructions/s", ""],
        ["counted / uncounted speed", f"{ratio:.2f}", "0.8"],
    ]


def reference(model: Path) -> list[list[str]]:
    """Seconds per inference in a batch, against TFLite's optimized kernels on one thread."""
    if not model.is_file():
        return []
    graph = load(model)
    data = random_inputs(graph, BATCH, seed=0)
    inputs = [data.arrays[index] for index in graph.inputs]
    peer = _litert(model, inputs)
    contenders: dict[str, Callable[[], object]] = {
        "numpy": lambda: run(graph, inputs, engine="numpy"),
        "numba": lambda: run(graph, inputs, engine="numba"),
        "litert": peer,
    }
    times = defaultdict(list)
    for repeat in range(4):
        for name, call in contenders.items():
            started = time.perf_counter()
            call()
            if repeat:
                times[name].append((time.perf_counter() - started) / BATCH)
    rows = [
        [
            f"{model.stem}: LiteRT, one thread, no delegate",
            f"{statistics.median(times['litert']) * 1e3:.2f} ms/inference",
            "",
        ]
    ]
    for name in ("numpy", "numba"):
        ratio = statistics.median(a / b for a, b in zip(times[name], times["litert"], strict=True))
        rows.append(
            [
                f"{model.stem}: reference, {name}",
                f"{statistics.median(times[name]) * 1e3:.2f} ms/inference, {ratio:.1f} x LiteRT",
                "5 x",
            ]
        )
    return rows


def _litert(model: Path, inputs: list[Array]) -> Callable[[], object]:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        str(model), num_threads=1,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )  # fmt: skip
    interpreter.allocate_tensors()
    indices = [detail["index"] for detail in interpreter.get_input_details()]

    def call() -> None:
        for sample in range(BATCH):
            for index, array in zip(indices, inputs, strict=True):
                interpreter.set_tensor(index, array[sample])
            interpreter.invoke()

    return call


def instructions() -> list[list[object]]:
    """Instructions of the generated C against CMSIS-NN's, per network and operator, on the cores without DSP."""
    peers = _peer_counts()
    rows: list[list[object]] = []
    for model in real_models():
        if not any(name == model.name for _, name, _ in peers):
            continue
        # The peers ran the network as its file has it.
        prepared = prepare(ModelSource(model, compression="none"), samples=1)
        for core in ("cm0plus", "cm3"):
            ours: dict[str, int] = defaultdict(int)
            prediction = predict_core(prepared, core=core)
            for layer in prediction.layers:
                ours[layer.op] += layer.instructions
            ours["ALL"] = prediction.instructions
            rows += [
                [core, model.stem, op, ours[op], peer, f"{ours[op] / peer:.2f}"]
                for (peer_core, name, op), peer in peers.items()
                if (peer_core, name) == (core, model.name) and ours[op]
            ]
    return sorted(rows, key=lambda row: (str(row[0]), str(row[1])))


def lossless() -> list[list[str]]:
    """What the lossless rewrites save of the int8 networks."""
    rows = []
    for model in real_models():
        plain, less = (predict(ModelSource(model, compression=c), core="cm7", samples=1) for c in ("none", "lossless"))
        if plain.macc != less.macc:
            pairs = [(plain.macc, less.macc), (plain.cycles, less.cycles), (plain.memory.flash, less.memory.flash)]
            rows.append([model.stem, *(f"{before:,} > {after:,}" for before, after in pairs)])
    return rows


def floats() -> list[list[str]]:
    """Cycles of float networks, and of those whose weights are compressed."""
    rows = []
    for name, compression in FLOATS:
        path = SHARED / "models" / name
        if not path.is_file():
            continue
        source = ModelSource(path, compression=compression, compress_ops=("dense", "conv", "depthwise"))
        prepared = prepare(source, samples=1)
        for core in ("cm4", "cm7"):
            p = predict_core(prepared, core=core)
            per_macc = f"{p.cycles / p.macc:.2f}"
            rows.append([name, compression, core, f"{p.macc:,}", f"{p.cycles:,}", per_macc, f"{p.memory.flash:,}"])
    return rows


def _peer_counts() -> dict[tuple[str, str, str], int]:
    path = SHARED / "data" / "cmsis_nn_instructions.csv"
    if not path.is_file():
        return {}
    with path.open(newline="") as lines:
        return {(r["core"], r["model"], r["operator"]): int(r["instructions"]) for r in csv.DictReader(lines)}


if __name__ == "__main__":
    np.seterr(all="raise")
    main()
