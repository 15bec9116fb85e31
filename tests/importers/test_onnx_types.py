"""Types that no kernel computes with: what takes their place, and that inputs and outputs keep them."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from simref.errors import ModelError
from simref.graph import Graph
from simref.interpreter import run
from tests.executions import check_executions
from tests.importers.onnx_models import KINDS, Node, build, check, imported, node, ops, typed, values

NOTE = "computes in float32 where the file says {}; inputs and outputs keep their types"


def one_input(nodes: list[Node], dtype: str, **constants: np.ndarray) -> onnx.ModelProto:
    """A model of one input x (2, 3) of that dtype and one output y, whose type is declared."""
    return typed(build(nodes, {"x": (2, 3)}, "y", constants, dtypes={"x": dtype}))


def dtypes(graph: Graph) -> list[str]:
    return [graph.tensors[index].dtype.name for index in (*graph.inputs, *graph.outputs)]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 2e-3), ("float64", 1e-6)])
def test_a_network_of_other_floats_computes_in_float32(dtype: str, tolerance: float) -> None:
    nodes = [node("MatMul", "x w", "a"), node("Add", "a b", "c"), node("Sigmoid", "c", "y")]
    constants = {"w": values(3, 4, dtype=dtype), "b": values(4, dtype=dtype, seed=1)}
    graph = check(one_input(nodes, dtype, **constants), tolerance=tolerance)
    assert dtypes(graph) == [dtype, dtype]
    assert ops(graph) == ["CAST", "FULLY_CONNECTED", "ADD", "LOGISTIC", "CAST"]
    assert graph.notes == (NOTE.format(dtype),)
    check_executions(graph, [values(2, 2, 3, dtype=dtype)], cores=("cm0plus", "cm4"))


def test_a_cast_to_half_floats_rounds_inside_a_network() -> None:
    nodes = [node("Cast", "x", "h", to=KINDS["float16"]), node("Cast", "h", "f", to=KINDS["float32"])]
    graph = check(one_input([*nodes, node("Neg", "f", "y")], "float32"), tolerance=0)
    assert ops(graph) == ["CAST", "CAST", "NEG"]


def test_a_cast_to_a_wider_float_costs_nothing() -> None:
    nodes = [node("Cast", "x", "d", to=KINDS["float64"]), node("Cast", "d", "f", to=KINDS["float32"])]
    assert ops(check(one_input([*nodes, node("Neg", "f", "y")], "float32"))) == ["NEG"]


@pytest.mark.parametrize("target", ["float16", "float32", "int32", "int64", "bool"])
@pytest.mark.parametrize("source", ["float16", "float64", "int64"])
def test_inputs_are_cast_from_their_own_type(source: str, target: str) -> None:
    """Not by way of float32, which would round twice (as onnxruntime does)."""
    if source == target:
        return
    graph = imported(one_input([node("Cast", "x", "y", to=KINDS[target])], source))
    x = np.array([[1 + 2.0**-11, 1 + 2.0**-11 + 2.0**-40, -3.7], [2049, 0.1, (1 << 25) + 1]])
    x = np.clip(x, -1e4, 1e4).astype(source) if source == "float16" else x.astype(source)
    (found,) = run(graph, x)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(found[0], x.astype(target))
    assert dtypes(graph) == [source, target]
    assert len(graph.nodes) == 1


def test_constants_are_folded_in_the_types_of_the_file() -> None:
    nodes = [node("Add", "a b", "c"), node("Cast", "c", "d", to=KINDS["float32"]), node("Mul", "x d", "y")]
    halves = {"a": np.array([2048], np.float16), "b": np.array([1], np.float16)}
    graph = imported(one_input(nodes, "float32", **halves))
    (found,) = run(graph, np.ones((1, 2, 3), np.float32))
    assert (found == 2048).all()


def test_an_output_may_be_an_input() -> None:
    for dtype in ("float16", "float64"):
        graph = check(one_input([node("Identity", "x", "y")], dtype), tolerance=0)
        assert dtypes(graph) == [dtype, dtype]


def test_an_output_whose_type_is_not_known_is_refused() -> None:
    model = build([node("Neg", "x", "y")], {"x": (2, 3)}, "y", dtypes={"x": "float16"})
    with pytest.raises(ModelError, match='output "y" says no type, must be float32 or float16 or float64'):
        imported(model)


def test_like_another_value() -> None:
    model = typed(
        build([node("CastLike", "x z", "y")], {"x": (2, 3), "z": (1,)}, "y", dtypes={"z": "float16"}, opset=19)
    )
    graph = imported(model)
    assert dtypes(graph) == ["float32", "float16", "float16"]
