"""Operators that others compute: the same results as TFLite's; what none computes is refused with the way out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from simref.errors import ModelError, SimrefError, UnsupportedError
from simref.importers.tflite import import_tflite
from simref.interpreter import run_all
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.executions import assert_equals_oracle, check_everywhere
from tests.oracle import random_inputs, run_reference

SHAPE = (2, 6, 4)


def _model(op: str, shapes: Sequence[tuple[int, ...]], *constants: TensorSpec, dtype: str = "float32") -> bytes:
    """Inputs of these shapes, the first one of SELECT a bool, and one output."""
    dtypes = ["bool" if op == "SELECT" and k == 0 else dtype for k in range(len(shapes))]
    names = [f"x{k}" for k in range(len(shapes))]
    inputs = [TensorSpec(*fields) for fields in zip(names, shapes, dtypes, strict=True)]
    y = TensorSpec("y", shapes[-1], dtype)
    operator = OperatorSpec(op, [*names, *(c.name for c in constants)], ["y"])
    return build_model([*inputs, *constants, y], [operator], names, ["y"])


@pytest.mark.parametrize("count", [2, 5])
@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_add_n_equals_tflite(count: int, dtype: str) -> None:
    data = _model("ADD_N", [SHAPE] * count, dtype=dtype)
    graph = import_tflite(data)
    inputs = [x // 8 if dtype == "int32" else x for x in random_inputs(data, 3)]
    assert_equals_oracle(graph, run_all(graph, inputs), run_reference(data, inputs))
    assert [node.op for node in graph.nodes] == ["ADD"] * (count - 1)


@pytest.mark.parametrize("condition", [SHAPE, ()])
def test_select_equals_tflite(condition: tuple[int, ...]) -> None:
    data = _model("SELECT", [condition, SHAPE, SHAPE])
    check_everywhere(data, random_inputs(data, 3), cores=["cm4"])


def split_v(sizes: Sequence[int], axis: int) -> bytes:
    """Outputs are stored with the input's shape: the operator computes their own."""
    outputs = [TensorSpec(f"y{k}", SHAPE, "float32") for k in range(len(sizes))]
    tensors = [
        TensorSpec("x", SHAPE, "float32"),
        TensorSpec("sizes", (len(sizes),), "int32", data=sizes),
        TensorSpec("axis", (), "int32", data=axis),
        *outputs,
    ]
    names = [y.name for y in outputs]
    operator = OperatorSpec("SPLIT_V", ["x", "sizes", "axis"], names, {"numSplits": len(sizes)})
    return build_model(tensors, [operator], ["x"], names)


@pytest.mark.parametrize(("sizes", "axis"), [((1, 3, 2), 1), ((2, -1), 1), ((1, 1), 0), ((4,), 2)])
def test_split_v_equals_tflite(sizes: tuple[int, ...], axis: int) -> None:
    data = split_v(sizes, axis)
    check_everywhere(data, random_inputs(data, 3), cores=["cm4"])


def _unknown(op: str) -> bytes:
    x, y = TensorSpec("x", SHAPE, "float32"), TensorSpec("y", SHAPE, "float32")
    return build_model([x, y], [OperatorSpec(op, ["x"], ["y"])], ["x"], ["y"])


REFUSED: Sequence[tuple[bytes, type[SimrefError], str]] = (
    (_model("ADD_N", [SHAPE]), ModelError, "has 1 inputs, must have at least 2"),
    (_model("SELECT", [(2,), SHAPE, SHAPE]), UnsupportedError, 'SELECT "y": its operands have the shapes (2,)'),
    (split_v((1, 3), 1), ModelError, "splits 6 elements into [1, 3]"),
    (split_v((7, -1), 1), ModelError, "splits 6 elements into [7, -1]"),
    (split_v((6,), -4), ModelError, "axis is -4, must be -3 to 2"),
    *(
        (_unknown(op), UnsupportedError, f'layer 0 {op} "y": {reason}')
        for op, reason in {
            "BIDIRECTIONAL_SEQUENCE_LSTM": "is a recurrent layer of another kind",
            "LSTM": "is a recurrent layer of another kind",
            "RNN": "is a recurrent layer of another kind",
            "SVDF": "keeps a state between runs",
            "READ_VARIABLE": "keeps a state between runs",
            "IF": "chooses what it computes at run time",
        }.items()
    ),
    (_unknown("WHILE"), ModelError, 'WHILE "y" runs subgraphs (0, 0), the file has 1'),
)


@pytest.mark.parametrize(("data", "kind", "message"), REFUSED)
def test_refuses(data: bytes, kind: type[SimrefError], message: str) -> None:
    with pytest.raises(kind, match=re.escape(message)) as refusal:
        import_tflite(data)
    assert "\n" not in str(refusal.value)
