from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.builder import GraphBuilder
from simref.graph import Graph, Shape
from simref.interpreter import run
from simref.ops._movement import MOVABLE
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.executions import check_everywhere, check_executions
from tests.ops.elementwise_cases import broadcast_shapes, int8_values
from tests.ops.number_cases import values


def sample() -> Graph:
    return select_graph((2, 3), (3,), (2, 1), ["float32"])


def select_graph(condition: Shape, a: Shape, b: Shape, dtypes: list[str]) -> Graph:
    """One layer for each dtype, all with the same condition."""
    builder = GraphBuilder("select")
    c = builder.input("c", condition, "bool")
    layers = []
    for dtype in dtypes:
        operands = [builder.input(f"{name}_{dtype}", shape, dtype) for name, shape in (("a", a), ("b", b))]
        layers.append(builder.layer("SELECT_V2", f"y_{dtype}", [c, *operands], dtype=dtype))
    return builder.graph(layers)


def inputs_of(graph: Graph, samples: int = 2) -> list[np.ndarray]:
    tensors = [graph.tensors[index] for index in graph.inputs]
    return [values(t.dtype.name, (samples, *t.shape), k) for k, t in enumerate(tensors)]


def test_values() -> None:
    c, a, b = np.array([[[True, False]]]), np.array([[1, 2]], np.int32), np.array([[[-1], [-2]]], np.int32)
    (y,) = run(select_graph((1, 2), (2,), (2, 1), ["int32"]), [c, a, b])
    assert y[0].tolist() == [[1, -1], [1, -2]]


@pytest.mark.parametrize("shapes", [((2, 3), (2, 3), (2, 3)), ((5, 1, 3), (4, 1), ()), ((), (6,), (6,))])
def test_every_dtype(shapes: tuple[Shape, Shape, Shape]) -> None:
    graph = select_graph(*shapes, list(MOVABLE))
    check_executions(graph, inputs_of(graph), cores=("cm0plus", "cm7"))


def test_sample_on_every_core() -> None:
    check_executions(sample(), inputs_of(sample()))


@given(broadcast_shapes(), st.permutations(range(3)))
@settings(max_examples=5, deadline=None)
def test_operands_broadcast(shapes: tuple[Shape, Shape], order: list[int]) -> None:
    condition, a, b = ((*shapes, shapes[0])[k] for k in order)
    graph = select_graph(condition, a, b, ["float32", "int64"])
    check_executions(graph, inputs_of(graph), cores=())


def test_quantized_operands_of_one_scale_equal_tflite() -> None:
    c = TensorSpec("c", (3, 4), "bool")
    a, b, y = (TensorSpec(name, (3, 4), "int8", 0.5, 3) for name in "aby")
    model = build_model([c, a, b, y], [OperatorSpec("SELECT_V2", ["c", "a", "b"], ["y"])], ["c", "a", "b"], ["y"])
    data = [values("bool", (2, 3, 4)), int8_values(1, (2, 3, 4)), int8_values(2, (2, 3, 4))]
    check_everywhere(model, data, cores=("cm4",))
