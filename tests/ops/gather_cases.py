"""Graphs and checks for the tests of the gathering operators: indices computed or stored, any dtype."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from simref.builder import GraphBuilder
from simref.graph import Array, Graph, Quantization
from simref.interpreter import run
from simref.ops._movement import MOVABLE
from tests.ops.movement_cases import Shape, check_graph_on_host

index_dtypes = st.sampled_from(["int32", "int64"])


def elements(shape: Sequence[int], dtype: str, seed: int = 0) -> Array:
    """Arbitrary elements."""
    return np.random.default_rng(seed).integers(0, 2 if dtype == "bool" else 100, tuple(shape)).astype(dtype)


def gathering(op: str, attributes: Any, x: Array, indices: Array, stored: Sequence[str]) -> tuple[Graph, list[Array]]:
    """A graph of one gathering layer and its inputs: of x and indices, those that are not `stored` in it."""
    builder = GraphBuilder("gathers")
    quantized = Quantization(np.array([0.5], np.float32), np.array([3], np.int64)) if x.dtype == np.int8 else None
    operands, inputs = [], []
    for name, array, quantization in (("x", x, quantized), ("indices", indices, None)):
        if name in stored:
            operands.append(builder.constant(name, array, quantization))
        else:
            operands.append(builder.input(name, array.shape, array.dtype.name, quantization))
            inputs.append(array[np.newaxis])
    return builder.graph([builder.layer(op, "y", operands, attributes, quantization=quantized)]), inputs


def drawn_elements(draw: st.DrawFn, shape: Shape) -> Array:
    """Elements of any dtype."""
    return elements(shape, draw(st.sampled_from(MOVABLE)))


def drawn_indices(draw: st.DrawFn, shape: Shape, sizes: Sequence[int] | int, *, low: int = 0) -> Array:
    """Indices from `low` times the size on, of either width; sizes broadcast to the shape."""
    size = np.broadcast_to(sizes, shape)
    seed = draw(st.integers(0, 2**32 - 1))
    return np.asarray(np.random.default_rng(seed).integers(low * size, size), draw(index_dtypes))


stored_operands = st.sampled_from([(), ("x",), ("indices",)])


def check_gathering(op: str, attributes: Any, x: Array, indices: Array, stored: Sequence[str], expected: Array) -> None:
    """The layer gives what is expected, in NumPy and in C."""
    graph, inputs = gathering(op, attributes, x, indices, stored)
    (found,) = run(graph, inputs, engine="numpy")
    np.testing.assert_array_equal(found[0], expected)
    check_graph_on_host(graph, inputs)


def onnx_gathered(op: str, x: Array, indices: Array, **attributes: int) -> Array:
    """What the ONNX reference evaluator gathers; skips the test without it."""
    helper = pytest.importorskip("onnx.helper")
    reference = pytest.importorskip("onnx.reference")
    node = helper.make_node(op, ["x", "indices"], ["y"], **attributes)
    kinds = [helper.np_dtype_to_tensor_dtype(array.dtype) for array in (x, indices)]
    graph = helper.make_graph(
        [node],
        op,
        [
            helper.make_tensor_value_info(n, k, a.shape)
            for n, k, a in zip(["x", "indices"], kinds, [x, indices], strict=True)
        ],
        [helper.make_tensor_value_info("y", kinds[0], None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    (y,) = reference.ReferenceEvaluator(model).run(None, {"x": x, "indices": indices})
    return np.asarray(y)
