"""Models and checks for the tests of data movement: any dtype, operands that become attributes stored beside x."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from generator.emit import generate
from generator.host import HostNetwork
from simref.check import check_graph
from simref.graph import Array, Graph
from simref.importers.tflite import import_tflite
from simref.interpreter import run_all
from simref.ops._movement import MOVABLE
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.executions import assert_equals_oracle, assert_same
from tests.oracle import random_inputs, run_reference

Shape = tuple[int, ...]
SCALE, ZERO_POINT = 0.05, -7

WITHOUT_TFLITE = ("uint16", "uint32", "uint64")


def dtypes_but(*refused: str) -> st.SearchStrategy[str]:
    """The dtypes that TFLite's kernels move, but for those that one of them refuses."""
    return st.sampled_from([dtype for dtype in MOVABLE if dtype not in (*WITHOUT_TFLITE, *refused)])


dtypes = dtypes_but()


def shapes(min_rank: int = 1, max_rank: int = 5, max_size: int = 5) -> st.SearchStrategy[Shape]:
    """Shapes of few elements, ones among their sizes."""
    return st.lists(st.integers(1, max_size), min_size=min_rank, max_size=max_rank).map(tuple)


def moved(name: str, shape: Sequence[int], dtype: str = "int8") -> TensorSpec:
    """A tensor of the one scale and zero point that all moved tensors share."""
    # TFLite takes int16 with a zero point of 0 alone.
    zero_point = {"int8": ZERO_POINT, "uint8": 5, "int16": 0}.get(dtype)
    return TensorSpec(name, shape, dtype) if zero_point is None else TensorSpec(name, shape, dtype, SCALE, zero_point)


def stored(name: str, values: Any) -> TensorSpec:
    """An int32 operand stored in the model."""
    array = np.asarray(values, np.int32)
    return TensorSpec(name, array.shape, "int32", data=array)


def movement_model(
    op: str,
    x: Sequence[Sequence[int]],
    y: Sequence[Sequence[int]],
    *,
    dtype: str = "int8",
    before: Sequence[TensorSpec] = (),
    after: Sequence[TensorSpec] = (),
    options: Mapping[str, Any] | None = None,
    version: int = 1,
) -> bytes:
    """A model of one operator on inputs of the shapes x and outputs of the shapes y.

    before, after: operands stored in the model, in front of and behind the inputs.
    """
    inputs = [moved(f"x{k}", shape, dtype) for k, shape in enumerate(x)]
    outputs = [moved(f"y{k}", shape, dtype) for k, shape in enumerate(y)]
    operands = [*before, *inputs, *after]
    operator = OperatorSpec(op, [t.name for t in operands], [t.name for t in outputs], options or {}, version)
    return build_model([*operands, *outputs], [operator], [t.name for t in inputs], [t.name for t in outputs])


def check_reference(model: bytes, seed: int = 0) -> None:
    """TFLite's reference kernel = NumPy, in two samples."""
    graph = import_tflite(model)
    check_graph(graph)
    inputs = random_inputs(model, 2, seed)
    assert_equals_oracle(graph, run_all(graph, inputs), run_reference(model, inputs))


def check_on_host(model: bytes, seed: int = 0) -> None:
    """NumPy = C on this machine, in two samples."""
    check_graph_on_host(import_tflite(model), random_inputs(model, 2, seed))


def check_graph_on_host(graph: Graph, inputs: Sequence[Array]) -> None:
    """NumPy = C on this machine."""
    found = HostNetwork(generate(graph)).run_all(dict(zip(graph.inputs, inputs, strict=True)))
    assert_same(graph, run_all(graph, list(inputs)), found, "C on the host")
