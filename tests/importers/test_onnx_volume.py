from __future__ import annotations

from typing import Any

import pytest

from simref.errors import UnsupportedError
from tests.executions import check_executions
from tests.importers.onnx_models import build, check, imported, node, values

WINDOWS: list[dict[str, Any]] = [
    {"kernel_shape": [2, 3, 2]},
    {"kernel_shape": [3, 2, 1], "strides": [2, 1, 3], "pads": [1, 0, 0, 1, 1, 0]},
    {"kernel_shape": [2, 2, 3], "strides": [2, 2, 2], "dilations": [1, 2, 2], "ceil_mode": 1},
    {"kernel_shape": [3, 3, 2], "strides": [2, 2, 1], "auto_pad": "SAME_UPPER"},
]


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: str(len(window)))
@pytest.mark.parametrize("op", ["MaxPool", "AveragePool", "AveragePool with pads", "LpPool"])
def test_pooling_of_volumes(op: str, window: dict[str, Any]) -> None:
    pytest.importorskip("onnxruntime", reason="ONNX's evaluator pads some windows otherwise than its specification")
    name, _, counted = op.partition(" ")
    more = {"count_include_pad": 1} if counted else {}
    pool = node(name, "x", "y", **window, **more)
    check(build([pool], {"x": (2, 3, 5, 6, 7)}, "y", opset=19), tolerance=1e-5)


def test_executions_agree() -> None:
    pool = node("AveragePool", "x", "y", kernel_shape=[2, 2, 2], pads=[1, 0, 1, 0, 1, 0])
    graph = imported(build([pool], {"x": (1, 2, 3, 4, 5)}, "y", opset=19))
    check_executions(graph, [values(2, 1, 2, 3, 4, 5)], cores=("cm0plus", "cm4"))


def test_indices_are_refused() -> None:
    pool = node("MaxPool", "x", "y i", kernel_shape=[2, 2, 2])
    with pytest.raises(UnsupportedError, match="its output of indices is not supported"):
        imported(build([pool], {"x": (1, 2, 3, 4, 5)}, "y i"))
