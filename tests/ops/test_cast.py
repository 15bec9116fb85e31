from __future__ import annotations

import numpy as np
import pytest

from simref.graph import Graph
from simref.ops import operator
from simref.ops._movement import MOVABLE
from simref.ops.cast import CASTABLE
from tests.executions import check_executions
from tests.ops.number_cases import computed, graph_of, values


def sample() -> Graph:
    return graph_of([("CAST", None, "int32")], [((2, 3), "float32")])


@pytest.mark.parametrize("source", CASTABLE)
def test_every_pair_of_types(source: str) -> None:
    """On one core with and one without a unit for floats."""
    x = values(source, (80,))
    if source in ("float32", "float64"):
        edges = np.array([2.0**k for k in (-150, -126, -25, -24, -14, 7, 8, 15, 16, 31, 32, 63, 64)], source)
        zero = edges.dtype.type(0)
        x = np.concatenate([x, edges, -edges, np.nextafter(edges, zero), np.nextafter(-edges, zero)])
    graph = graph_of([("CAST", None, target) for target in CASTABLE], [(x.shape, source)])
    check_executions(graph, [x[np.newaxis]], cores=("cm0plus", "cm4"))


@pytest.mark.parametrize("source", ["float32", "float64"])
def test_half_floats_are_rounded_once(source: str) -> None:
    """Every number halfway between two of them, and its neighbours."""
    patterns = np.arange(0x7C01, dtype=np.uint16)[:: 1 if source == "float64" else 7].view(np.float16).astype(source)
    ties = (patterns[:-1] + patterns[1:]) / 2
    beside = [np.nextafter(ties, ties.dtype.type(limit)) for limit in (0, np.inf)]
    x = np.concatenate([ties, -ties, *beside])
    check_executions(graph_of([("CAST", None, "float16")], [(x.shape, source)]), [x[np.newaxis]], cores=())


def test_every_half_float_is_exact_in_wider_ones() -> None:
    x = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    graph = graph_of([("CAST", None, target) for target in ("float32", "float64")], [(x.shape, "float16")])
    check_executions(graph, [x[np.newaxis]], cores=())
    for target in ("float32", "float64"):
        np.testing.assert_array_equal(computed("CAST", [x], output=target).astype(np.float16), x)


def test_sample_on_every_core() -> None:
    check_executions(sample(), [values("float32", (2, 2, 3))])


def test_half_and_double_floats_on_every_core() -> None:
    pairs = (("float16", "float32"), ("float32", "float16"), ("float64", "float32"), ("float32", "float64"))
    for source, target in (*pairs, ("float64", "float16")):
        graph = graph_of([("CAST", None, target)], [((2, 9), source)])
        check_executions(graph, [values(source, (2, 2, 9))])


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
