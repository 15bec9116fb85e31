"""Run one model in all its executions and demand that every element of every layer agrees."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from costmodel.core import core_names, load_core
from costmodel.emulate import Machine
from generator.emit import Project, generate
from generator.host import HostNetwork
from generator.link import STACK_SIZE
from generator.toolchains import find_toolchain
from simref.graph import Array, Graph
from simref.importers.tflite import import_tflite
from simref.interpreter import run_all
from simref.metrics import mismatches
from simref.pipelines.comparison import validate_emulated
from simref.pipelines.predict import build_for_core
from tests.oracle import run_reference

INSTRUCTION_LIMIT = 500_000_000


def check_everywhere(
    model: bytes, inputs: Sequence[Array], *, oracle: bool = True, cores: Sequence[str] | None = None
) -> None:
    """TFLite's reference kernels = NumPy = Numba = C on the host = C on the emulated cores.

    inputs: one array per model input, each with a leading sample axis. cores: all of them by default.
    """
    graph = import_tflite(model, "model.tflite")
    if oracle:
        assert_equals_oracle(graph, run_all(graph, list(inputs)), run_reference(model, inputs))
    check_executions(graph, inputs, cores=cores)


def check_executions(graph: Graph, inputs: Sequence[Array], *, cores: Sequence[str] | None = None) -> None:
    """NumPy = Numba = C on the host = C on the emulated cores, with fused sums and with separate ones.

    inputs: one array per graph input, each with a leading sample axis. cores: all of them by default.
    """
    project = generate(graph)
    bound = dict(zip(graph.inputs, inputs, strict=True))
    expected = {}
    for fused in (True, False) if graph.computes_floats else (True,):
        expected[fused] = run_all(graph, list(inputs), fused=fused)
        found = run_all(graph, list(inputs), engine="numba", fused=fused)
        assert_same(graph, expected[fused], found, "numba")
        found = HostNetwork(project, fused=fused).run_all(bound)
        assert_same(graph, expected[fused], found, "C on the host")
    for name in core_names() if cores is None else cores:
        fused = load_core(name).fuses_products or not graph.computes_floats
        check_emulated(project, name, bound, expected[fused])


def assert_same(graph: Graph, expected: Mapping[int, Array], found: Mapping[int, Array], what: str) -> None:
    """Every computed tensor of `found` equals the expected one bit for bit."""
    for node in graph.nodes:
        for index in node.outputs:
            tensor = graph.tensors[index]
            assert found[index].dtype == tensor.dtype
            assert found[index].shape == expected[index].shape
            differ = mismatches(found[index], expected[index])
            if differ.any():
                where = tuple(np.argwhere(differ)[0])
                pair = f"found {found[index][where]!r}, expected {expected[index][where]!r}"
                raise AssertionError(f'{what}: {node.op} "{tensor.name}": {differ.sum()} differ, at {where}: {pair}')


def assert_equals_oracle(graph: Graph, expected: Mapping[int, Array], oracle: Mapping[str, Array]) -> None:
    """Every tensor that both sides have, by name, is equal; the graph's outputs are among them."""
    for index, array in expected.items():
        name = graph.tensors[index].name
        if name in oracle:
            np.testing.assert_array_equal(array, oracle[name].reshape(array.shape), f'oracle: "{name}"')
    assert all(graph.tensors[index].name in oracle for index in graph.outputs)


def needs_cross_compiler() -> None:
    """Skip the test where neither gcc for Arm nor zig is installed."""
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.importorskip("ziglang", reason="no cross compiler")


def check_emulated(project: Project, core: str, inputs: Mapping[int, Array], expected: Mapping[int, Array]) -> None:
    """The C, cross-compiled and emulated, computes the expected value of every tensor."""
    needs_cross_compiler()
    chosen = load_core(core)
    with tempfile.TemporaryDirectory() as name:
        elf = build_for_core(project, chosen, find_toolchain(), Path(name))
        machine = Machine(elf, chosen, stack_size=STACK_SIZE, instruction_limit=INSTRUCTION_LIMIT)
        _, exact = validate_emulated(project, machine, inputs, expected)
    assert exact.mismatches == 0, f"{core}: {exact.differences[0]}"


def check_reference(model: bytes, inputs: Sequence[Array]) -> None:
    """TFLite's reference kernels = NumPy: the quick part of `check_everywhere`, for many drawn cases."""
    graph = import_tflite(model, "model.tflite")
    assert_equals_oracle(graph, run_all(graph, list(inputs)), run_reference(model, inputs))
