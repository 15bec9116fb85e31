"""Types that no kernel computes with: what takes their place, and that inputs and outputs keep them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

import simref
from costmodel.core import core_names
from simref.errors import ModelError, UnsupportedError
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


INTEGERS = ["int8", "uint8", "int16", "uint16", "uint32", "uint64"]
BINARY = {
    "Add": np.add,
    "Equal": np.equal,
    "Greater": np.greater,
    "GreaterOrEqual": np.greater_equal,
    "Less": np.less,
    "LessOrEqual": np.less_equal,
    "Max": np.maximum,
    "Min": np.minimum,
    "Mul": np.multiply,
    "Sub": np.subtract,
}


def extremes(dtype: str) -> np.ndarray:
    info = np.iinfo(dtype)
    ends = [info.min, info.min + 1, info.max // 2, info.max // 2 + 1, info.max - 1, info.max, 0, 1, 2, 100]
    return np.array(ends, dtype)


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("op", BINARY)
def test_integers_without_kernels_are_exact(op: str, dtype: str) -> None:
    a, b = (x.reshape(1, -1) for x in np.meshgrid(extremes(dtype), extremes(dtype)))
    dims = {"a": a.shape, "b": b.shape}
    graph = imported(build([node(op, "a b", "y")], dims, "y", dtypes={"a": dtype, "b": dtype}, opset=18))
    (found,) = run(graph, {"a": a[None], "b": b[None]})
    wanted = BINARY[op](a, b)
    assert found.dtype == wanted.dtype
    np.testing.assert_array_equal(found[0], wanted)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_beside_a_constant_on_every_machine(dtype: str) -> None:
    nodes = [node(op, "x c", op) for op in ("Add", "Less", "Max")]
    model = build(nodes, {"x": (1, 10)}, "Add Less Max", {"c": extremes(dtype)[5:6]}, dtypes={"x": dtype})
    check_executions(imported(model), [extremes(dtype).reshape(1, 1, -1)], cores=("cm0plus", "cm4"))


@pytest.mark.parametrize("op", ["Div", "Mod"])
def test_quotients(op: str) -> None:
    for dtype in ("uint8", "uint32"):
        x = extremes(dtype)
        graph = imported(build([node(op, "x c", "y")], {"x": x.shape}, "y", {"c": x[[2]]}, dtypes={"x": dtype}))
        np.testing.assert_array_equal(run(graph, x[None])[0][0], (np.floor_divide if op == "Div" else np.mod)(x, x[2]))
    with pytest.raises(UnsupportedError, match="input 0 is uint64, must be"):
        imported(build([node(op, "x c", "y")], {"x": (2,)}, "y", {"c": np.ones(1, np.uint64)}, dtypes={"x": "uint64"}))


@pytest.mark.parametrize(
    ("nodes", "dtypes"),
    [
        ([node("Abs", "x", "y")], ["int8", "int16", "uint32"]),
        ([node("Neg", "x", "y")], ["int8", "int16"]),
        ([node("Sign", "x", "y")], ["int8", "uint8", "uint32"]),
        ([node("Relu", "x", "y")], ["int8", "int16", "int32", "int64"]),
        ([node("Clip", "x low high", "y")], ["int8", "uint8", "uint32", "int64"]),
        ([node("ReduceMax", "x axes", "y", keepdims=0)], ["bool", "int8", "uint8", "uint64"]),
        ([node("ReduceMin", "x axes", "y")], ["bool", "uint32", "uint64"]),
        ([node("ReduceSum", "x axes", "y")], ["uint32", "uint64"]),
        ([node("TopK", "x k", "y i")], ["int8", "uint8", "uint32", "uint64"]),
        ([node("ArgMax", "x", "y", axis=1)], ["int8", "uint8", "int16", "uint64"]),
    ],
    ids=lambda value: value[0].op_type if isinstance(value[0], Node) else "",
)
def test_one_operand(nodes: list[Node], dtypes: list[str]) -> None:
    """As ONNX's own evaluator computes it."""
    for dtype in dtypes:
        x = np.array([[True, False], [False, False]]) if dtype == "bool" else extremes(dtype).reshape(2, 5)
        constants = {
            "axes": np.array([1]),
            "k": np.array([2]),
            "low": np.array(1, x.dtype),
            "high": np.array(90, x.dtype),
        }
        used = {name: constants[name] for name in nodes[0].input if name in constants}
        outputs = " ".join(nodes[0].output)
        model = build(nodes, {"x": x.shape}, outputs, used, dtypes={"x": dtype}, opset=20)
        found = run(imported(model), x[None])
        for ours, theirs in zip(found, ReferenceEvaluator(typed(model)).run(None, {"x": x}), strict=True):
            assert ours.dtype == theirs.dtype
            np.testing.assert_array_equal(ours[0], theirs)


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
def test_pooling_of_plain_integers(dtype: str) -> None:
    pool = node("MaxPool", "x", "y", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    graph = check(build([pool], {"x": (1, 2, 5, 6)}, "y", dtypes={"x": dtype}))
    assert graph.tensors[graph.outputs[0]].dtype == dtype


@pytest.mark.parametrize(
    ("base", "exponent"), [("float32", "int64"), ("int32", "int64"), ("uint8", "int32"), ("int32", "int32")]
)
def test_powers(base: str, exponent: str) -> None:
    x, e = np.array([[1, 2, 3]], base), np.array([[4, 5, 6]], exponent)
    dims = {"x": x.shape, "e": e.shape}
    graph = imported(build([node("Pow", "x e", "y")], dims, "y", dtypes={"x": base, "e": exponent}))
    (found,) = run(graph, {"x": x[None], "e": e[None]})
    np.testing.assert_array_equal(found[0], np.array([[1, 32, 729]]).astype(base))
    assert found.dtype == base


def test_exponents_of_integers_are_whole() -> None:
    for exponent, fits in ((2.0, True), (0.5, False)):
        model = build(
            [node("Pow", "x e", "y")], {"x": (3,)}, "y", {"e": np.array([exponent], np.float32)}, dtypes={"x": "int64"}
        )
        if fits:
            assert run(imported(model), np.array([[1, -3, 1 << 30]]))[0].tolist() == [[1, 9, 1 << 60]]
        else:
            with pytest.raises(UnsupportedError, match="must be whole constants"):
                imported(model)


@pytest.mark.parametrize("core", core_names())
def test_half_and_double_floats_have_a_price_on_every_core(core: str, tmp_path: Path) -> None:
    """Whatever instructions compute with doubles there."""
    doubles = node("Cast", "x", "d", to=KINDS["float64"])
    model = typed(build([doubles, node("Cast", "d", "y", to=KINDS["float16"])], {"x": (2, 3)}, "d y"))
    path = tmp_path / "wide.onnx"
    path.write_bytes(model.SerializeToString())
    prediction = simref.predict(path, core=core)
    assert prediction.exact.mismatches == 0
    assert prediction.cycles >= prediction.instructions / 2 > 0
