"""Every dtype that moves, also those that no TFLite kernel takes: several operators in a row, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from simref.builder import GraphBuilder
from simref.graph import Array, Graph
from simref.inputs import random_inputs
from simref.interpreter import run_all
from simref.ops import concatenation, split, transpose
from simref.ops._movement import MOVABLE
from simref.ops._pad import Attributes as PadAttributes
from simref.ops._resize import Attributes as ResizeAttributes
from tests.executions import check_executions

SHAPE = (1, 3, 5, 4)


def extremes(dtype: str) -> Array:
    """Values of every byte pattern that a literal could get wrong, in the shape of the parts below."""
    kind = np.dtype(dtype)
    values: list[float] = [0, 1, 3.25e-39, -1e30] if kind.kind == "f" else [0, 1]
    if kind.kind in "iu":
        values += [np.iinfo(kind).min, np.iinfo(kind).max]
    return np.resize(np.array(values, kind), (1, 4, 3, 5))


def moving(dtype: str) -> Graph:
    graph = GraphBuilder("moves")
    x = graph.input("x", SHAPE, dtype)
    y = graph.layer("TRANSPOSE", "transpose", [x], transpose.Attributes((0, 3, 1, 2)))
    parts = graph.layers("SPLIT", "split", [y], split.Attributes(3, 5), outputs=5)
    edge = float(np.float32(0.1)) if dtype == "float32" else 1
    y = graph.layer("PAD", "pad", [parts[1]], PadAttributes(((0, 0), (0, 0), (0, 0), (1, 3)), edge))
    stored = graph.constant("stored", extremes(dtype))
    y = graph.layer("CONCATENATION", "concatenation", [y, stored], concatenation.Attributes(3))
    y = graph.layer("RESIZE_NEAREST_NEIGHBOR", "resize", [y], ResizeAttributes((6, 5), False, False))
    return graph.graph([y])


@pytest.mark.parametrize("dtype", MOVABLE)
def test_every_dtype_moves_alike_everywhere(dtype: str) -> None:
    graph = moving(dtype)
    inputs = list(random_inputs(graph, 2, 0).arrays.values())
    check_executions(graph, inputs, cores=("cm0plus", "cm4", "cm7"))


@pytest.mark.parametrize("dtype", MOVABLE)
def test_elements_are_what_numpy_moves(dtype: str) -> None:
    graph = moving(dtype)
    (x,) = random_inputs(graph, 2, 0).arrays.values()
    middle = x.transpose(0, 1, 4, 2, 3)[..., 1:2]
    edge = np.array(0.1 if dtype == "float32" else 1, dtype)
    padded = np.pad(middle, [(0, 0)] * 4 + [(1, 3)], constant_values=edge)
    joined = np.concatenate([padded, np.stack([extremes(dtype)] * 2)], axis=-1)
    np.testing.assert_array_equal(
        run_all(graph, [x])[graph.outputs[0]], joined[:, :, [0, 0, 1, 2, 2, 3]][:, :, :, [0, 0, 1, 1, 2]]
    )
