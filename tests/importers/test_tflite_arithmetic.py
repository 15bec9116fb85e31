"""Shape arithmetic folded at import equals what TFLite's kernels compute at run time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from simref.errors import ModelError
from simref.importers.tflite import import_tflite, resolve
from simref.importers.tflite.reader import read_stored
from tests.build_tflite import ACTIVATIONS, OperatorSpec, TensorSpec, build_model
from tests.oracle import run_reference

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1


def i32(*values: Any) -> np.ndarray[Any, Any]:
    return np.array(values[0] if len(values) == 1 else values, np.int32)


def i64(*values: int) -> np.ndarray[Any, Any]:
    return np.array(values, np.int64)


def f32(*values: float) -> np.ndarray[Any, Any]:
    return np.array(values, np.float32)


def flags(*values: bool) -> np.ndarray[Any, Any]:
    return np.array(values, np.bool_)


@dataclass(frozen=True)
class Case:
    """An operator over constants, the shapes of its outputs and their dtype (None: that of operand 0)."""

    op: str
    operands: Sequence[ArrayLike]
    shapes: Sequence[Sequence[int]]
    options: Mapping[str, Any] = field(default_factory=dict)
    dtype: str | None = None
    version: int = 1


GRID = np.arange(24, dtype=np.int32).reshape(2, 3, 4)
MASKED = {"beginMask": 1, "endMask": 2, "shrinkAxisMask": 4}
KEEP = {"keepDims": True}
CASES = [
    Case("ADD", [i32(1, INT32_MAX), i32(5, 1)], [(2,)]),
    Case("ADD", [i32(1, -9), i32(0)], [(2,)], {"fusedActivationFunction": ACTIVATIONS["RELU"]}),
    Case("SUB", [i32([[1], [2]]), i32(5, 7, 9)], [(2, 3)]),
    Case("SUB", [i64(1, 2), i64(5, 7)], [(2,)]),
    Case("MUL", [i32(3, -4), i32(5, 6)], [(2,)]),
    Case("MUL", [f32(1.1, 2.2), f32(0.1, 3.3)], [(2,)], {"fusedActivationFunction": ACTIVATIONS["RELU6"]}),
    Case("DIV", [i32(7, -7, 7, -7, 6), i32(2, 2, -2, -2, -3)], [(5,)]),
    Case("DIV", [f32(1, 2), f32(3, 7)], [(2,)]),
    Case("FLOOR_DIV", [i32(7, -7, 7, -7), i32(2, 2, -2, -2)], [(4,)]),
    Case("FLOOR_MOD", [i32(7, -7, 7, -7), i32(2, 2, -2, -2)], [(4,)]),
    Case("MAXIMUM", [i32(1, 9), i32(5, 2)], [(2,)]),
    Case("MINIMUM", [i64(1, 9), i64(5, 2)], [(2,)]),
    Case("NEG", [i32(1, -9)], [(2,)]),
    Case("ABS", [i32(1, -9)], [(2,)]),
    Case("EQUAL", [i32(1, 9), i32(1, 2)], [(2,)], dtype="bool"),
    Case("NOT_EQUAL", [i32(1, 9), i32(1, 2)], [(2,)], dtype="bool"),
    Case("LESS", [i32(1, 9), i32(3, 2)], [(2,)], dtype="bool"),
    Case("LESS_EQUAL", [i32(2, 9), i32(2, 2)], [(2,)], dtype="bool"),
    Case("GREATER", [i32(2, 9), i32(2, 2)], [(2,)], dtype="bool"),
    Case("GREATER_EQUAL", [i64(1, 9), i64(2, 2)], [(2,)], dtype="bool"),
    Case("LOGICAL_AND", [flags(True, True), flags(True, False)], [(2,)]),
    Case("LOGICAL_OR", [flags(False, True), flags(False, False)], [(2,)]),
    Case("LOGICAL_NOT", [flags(False, True)], [(2,)]),
    Case("SELECT", [flags(False, True), i32(1, 2), i32(3, 4)], [(2,)], dtype="int32"),
    Case("SELECT_V2", [flags(False, True), i32(7), i32(3, 4)], [(2,)], dtype="int32"),
    Case("CAST", [i32(1, -2)], [(2,)], {"inDataType": 2, "outDataType": 4}, dtype="int64"),
    Case("CAST", [i64(1, (1 << 32) + 5)], [(2,)], {"inDataType": 4, "outDataType": 2}, dtype="int32"),
    Case("CAST", [f32(1.9, -1.9, 3e9, -3e9)], [(4,)], {"inDataType": 0, "outDataType": 2}, dtype="int32"),
    Case("CAST", [i32(3, INT32_MAX)], [(2,)], {"inDataType": 2, "outDataType": 0}, dtype="float32"),
    Case("CAST", [i32(0, -4)], [(2,)], {"inDataType": 2, "outDataType": 6}, dtype="bool"),
    Case("SHAPE", [GRID], [(3,)], {"outType": 2}, dtype="int32"),
    Case("SHAPE", [GRID], [(3,)], {"outType": 4}, dtype="int64"),
    Case("RANK", [GRID], [()], dtype="int32"),
    Case("RESHAPE", [GRID, i32(4, -1)], [(4, 6)]),
    Case("SQUEEZE", [i32([[[5], [6]]])], [(2,)], {"squeezeDims": [0, 2]}),
    Case("EXPAND_DIMS", [i32(5, 6), i32(1)], [(2, 1)]),
    Case("PACK", [i32(5), i32(6), i32(7)], [(3,)], {"valuesCount": 3}),
    Case("PACK", [i32(5, 6), i32(7, 8)], [(2, 2)], {"valuesCount": 2, "axis": 1}),
    Case("UNPACK", [GRID], [(2, 4)] * 3, {"num": 3, "axis": 1}),
    Case("CONCATENATION", [i32(5, 6), i32([7])], [(3,)]),
    Case("CONCATENATION", [GRID, GRID], [(2, 3, 8)], {"axis": -1}),
    Case("GATHER", [i32(5, 6, 7), i32(2, 0)], [(2,)]),
    Case("GATHER", [GRID, i32([[2, 0], [1, 1]])], [(2, 2, 2, 4)], {"axis": 1}),
    Case("STRIDED_SLICE", [i32(5, 6, 7), i32([1]), i32([2]), i32([1])], [()], {"shrinkAxisMask": 1}),
    Case("STRIDED_SLICE", [i32(5, 6, 7), i32([-1]), i32([-9]), i32([-1])], [(3,)]),
    Case("STRIDED_SLICE", [i32(5, 6, 7), i32([-1]), i32([0]), i32([1])], [()], {"shrinkAxisMask": 1}),
    Case("STRIDED_SLICE", [GRID, i32(1, 1, 1), i32(9, 2, 2), i32(1, 1, 1)], [(2, 2)], MASKED),
    Case("STRIDED_SLICE", [GRID, i32(0, 1, 0), i32(2, 3, 4), i32(1, 1, 3)], [(2, 2, 2)]),
    Case("STRIDED_SLICE", [GRID, i32(0, 1), i32(0, 3), i32(1, 2)], [(2, 3, 1)], {"ellipsisMask": 1}),
    Case("STRIDED_SLICE", [GRID, i32(0, 1), i32(0, 2), i32(1, 1)], [(1, 1, 3, 4)], {"newAxisMask": 1}),
    Case("SLICE", [GRID, i32(0, 1, 2), i32(1, -1, 2)], [(1, 2, 2)]),
    Case("SPLIT", [i32(2), GRID], [(2, 3, 2)] * 2, {"numSplits": 2}, dtype="int32"),
    Case("SPLIT_V", [GRID, i32(1, -1), i32(-1)], [(2, 3, 1), (2, 3, 3)], {"numSplits": 2}),
    Case("TRANSPOSE", [GRID, i32(2, 0, 1)], [(4, 2, 3)]),
    Case("REDUCE_PROD", [i32(2, 3, 4), i32(0)], [()]),
    Case("REDUCE_PROD", [GRID, i32(0, -1)], [(1, 3, 1)], KEEP),
    Case("SUM", [GRID, i32([1])], [(2, 4)]),
    Case("REDUCE_MAX", [GRID, i32(1, 2)], [(2,)]),
    Case("REDUCE_MIN", [GRID, i32([0])], [(1, 3, 4)], KEEP),
    Case("FILL", [i32(2, 3), i32(7)], [(2, 3)]),
    Case("RANGE", [i32(2), i32(9), i32(3)], [(3,)]),
    Case("RANGE", [i32(9), i32(1), i32(-3)], [(3,)]),
    Case("RANGE", [np.float32(0.1), np.float32(1.0), np.float32(0.3)], [(3,)]),
    Case("TILE", [i32([[5, 6]]), i32(2, 3)], [(2, 6)]),
    Case("BROADCAST_TO", [i32([[5], [6]]), i32(2, 3)], [(2, 3)], version=2),
]


def _model(case: Case) -> bytes:
    operands = [np.asarray(operand) for operand in case.operands]
    dtype = case.dtype or operands[0].dtype.name
    constants = [TensorSpec(f"c{i}", x.shape, x.dtype.name, data=x) for i, x in enumerate(operands)]
    outputs = [TensorSpec(f"y{i}", shape, dtype) for i, shape in enumerate(case.shapes)]
    names = [tensor.name for tensor in outputs]
    operator = OperatorSpec(case.op, [c.name for c in constants], names, case.options, case.version)
    return build_model([TensorSpec("x", (1,), "int32"), *constants, *outputs], [operator], ["x"], names)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.op)
def test_equals_tflite(case: Case) -> None:
    model = _model(case)
    expected = run_reference(model, [np.zeros((1, 1), np.int32)])
    graph = resolve(read_stored(model, "m"))
    assert graph.nodes == ()
    for index in graph.outputs:
        tensor = graph.tensors[index]
        assert tensor.data is not None
        assert tensor.data.shape == tensor.shape
        assert tensor.data.dtype == tensor.dtype
        np.testing.assert_array_equal(tensor.data, expected[tensor.name][0])


CONTRADICTIONS = {
    "fills gigabytes": Case("FILL", [i32(1 << 30, 1 << 30), i32(7)], [(2, 4)]),
    "negative size": Case("FILL", [i32(-2, -4), i32(7)], [(2, 4)]),
    "endless count": Case("RANGE", [i32(0), i32(INT32_MAX), i32(1)], [(3,)]),
    "count of steps of zero": Case("RANGE", [i32(0), i32(3), i32(0)], [(3,)]),
    "tiles to gigabytes": Case("TILE", [i32([[5, 6]]), i32(1 << 20, 1 << 20)], [(2, 6)]),
    "broadcasts to gigabytes": Case(
        "ADD", [np.zeros((1 << 14, 1), np.int32), np.zeros((1, 1 << 14), np.int32)], [(4,)]
    ),
    "division by zero": Case("DIV", [i32(7, 8), i32(1, 0)], [(2,)]),
    "gathers outside": Case("GATHER", [i32(5, 6, 7), i32(3, 0)], [(2,)]),
    "gathers before": Case("GATHER", [i32(5, 6, 7), i32(-1, 0)], [(2,)]),
    "shrinks outside": Case("STRIDED_SLICE", [i32(5, 6, 7), i32([4]), i32([5]), i32([1])], [()], {"shrinkAxisMask": 1}),
    "slices outside": Case("SLICE", [i32(5, 6, 7), i32([2]), i32([2])], [(2,)]),
    "uneven split": Case("SPLIT", [i32(0), i32(5, 6, 7)], [(2,)] * 2, {"numSplits": 2}, dtype="int32"),
    "split of other sizes": Case("SPLIT_V", [i32(5, 6, 7), i32(1, 1), i32(0)], [(1,), (1,)], {"numSplits": 2}),
    "axis outside": Case("CONCATENATION", [i32(5, 6), i32([7])], [(3,)], {"axis": 3}),
    "broadcast of nothing": Case("ADD", [i32(5, 6), i32(7, 8, 9)], [(3,)]),
    "operand too many": Case("ADD", [i32(5, 6), i32(7, 8), i32(1, 1)], [(2,)]),
    "operand missing": Case("GATHER", [i32(5, 6, 7)], [(3,)]),
    "permutation of nothing": Case("TRANSPOSE", [GRID, i32(2, 2, 1)], [(4, 2, 3)]),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradictions_are_refused(name: str) -> None:
    with pytest.raises(ModelError, match=r"^m\.tflite: ") as caught:
        import_tflite(_model(CONTRADICTIONS[name]), "m.tflite")
    assert "\n" not in str(caught.value)


def test_leaves_what_depends_on_the_input() -> None:
    model = build_model(
        [TensorSpec("x", (2,), "int32"), TensorSpec("c", (2,), "int32", data=[1, 2]), TensorSpec("y", (2,), "int32")],
        [OperatorSpec("ADD", ["x", "c"], ["y"])],
        ["x"],
        ["y"],
    )
    assert [node.op for node in resolve(read_stored(model, "m")).nodes] == ["ADD"]


def test_leaves_large_constants() -> None:
    size = (1 << 16) + 1
    case = Case("NEG", [np.zeros(size, np.int32)], [(size,)])
    assert [node.op for node in resolve(read_stored(_model(case), "m")).nodes] == ["NEG"]
