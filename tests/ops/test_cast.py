from __future__ import annotations

import numpy as np
import pytest

from simref.graph import Graph
from simref.ops import operator
from simref.ops._movement import MOVABLE
from tests.executions import check_executions
from tests.ops.number_cases import computed, graph_of, values


def sample() -> Graph:
    return graph_of([("CAST", None, "int32")], [((2, 3), "float32")])


@pytest.mark.parametrize("source", MOVABLE)
def test_every_pair_of_types(source: str) -> None:
    """On one core with and one without a unit for floats."""
    x = values(source, (80,))
    if source == "float32":
        edges = np.array([2.0**k for k in (7, 8, 15, 16, 31, 32, 63, 64)], np.float32)
        x = np.concatenate([x, edges, -edges, np.nextafter(edges, np.float32(0)), np.nextafter(-edges, np.float32(0))])
    graph = graph_of([("CAST", None, target) for target in MOVABLE], [(x.shape, source)])
    check_executions(graph, [x[np.newaxis]], cores=("cm0plus", "cm4"))


def test_sample_on_every_core() -> None:
    check_executions(sample(), [values("float32", (2, 2, 3))])


@pytest.mark.parametrize("target", [dtype for dtype in MOVABLE if "int" in dtype])
def test_floats_go_towards_zero_and_saturate(target: str) -> None:
    x = np.array([1.9, -0.9, 1e30, -1e30, np.nan], np.float32)
    info = np.iinfo(target)
    assert computed("CAST", [x], output=target).tolist() == [1, 0, info.max, info.min, info.max]


def test_integers_wrap() -> None:
    assert computed("CAST", [np.array([300, -1], np.int32)], output="uint8").tolist() == [44, 255]


def test_bool_is_whether_a_number_is_not_zero() -> None:
    assert computed("CAST", [np.array([0, -0.0, 0.1, np.nan], np.float32)], output="bool").tolist() == [0, 0, 1, 1]


def test_the_same_bytes_are_a_view() -> None:
    (layer,) = graph_of([("CAST", None, "int32")], [((2,), "uint32")]).layers
    assert operator("CAST").form(layer).kernels(layer) == ()
