from __future__ import annotations

import numpy as np
import pytest
from hypothesis import strategies as st

from simref.graph import Graph
from simref.interpreter import run
from simref.ops.batch_matmul import OP, Attributes
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.executions import check_executions
from tests.float32_cases import special_values
from tests.ops.convolution_cases import SAMPLES, seeds
from tests.ops.float_cases import Layers
from tests.oracle import Array

Shapes = tuple[tuple[int, ...], tuple[int, ...]]


def operand_shapes(batches: Shapes, rows: int, depth: int, columns: int, attributes: Attributes) -> Shapes:
    a = (depth, rows) if attributes.adj_x else (rows, depth)
    b = (columns, depth) if attributes.adj_y else (depth, columns)
    return (*batches[0], *a), (*batches[1], *b)


@st.composite
def cases(draw: st.DrawFn) -> tuple[bytes, list[Array]]:
    """Matrices as they are or exchanged; up to three dimensions that broadcast either way."""
    attributes = Attributes(draw(st.booleans()), draw(st.booleans()))
    sizes = draw(st.lists(st.integers(1, 3), max_size=3))
    batches = tuple(tuple(draw(st.sampled_from([1, n])) for n in sizes) for _ in range(2))
    rows, depth, columns = (draw(st.integers(1, 9)) for _ in range(3))
    shapes = operand_shapes((batches[0], batches[1]), rows, depth, columns, attributes)
    y = (*np.broadcast_shapes(*batches), rows, columns)
    specs = [TensorSpec(name, shape, "float32") for name, shape in zip("aby", (*shapes, y), strict=True)]
    options = {"adjX": attributes.adj_x, "adjY": attributes.adj_y}
    model = build_model(specs, [OperatorSpec("BATCH_MATMUL", ["a", "b"], ["y"], options)], ["a", "b"], ["y"])
    rng = np.random.default_rng(draw(seeds))
    return model, [rng.standard_normal((SAMPLES, *shape)).astype(np.float32) for shape in shapes]


def sample() -> Graph:
    """Two pairs of matrices."""
    layers = Layers()
    layers.layer("BATCH_MATMUL", [layers.input((2, 3, 4)), layers.input((2, 4, 5))], Attributes())
    return layers.graph()


@pytest.mark.parametrize("adj_x", [False, True])
def test_layers_agree_on_every_core(adj_x: bool) -> None:
    """Rows and columns by four and what is left, broadcasting of either side across several dimensions, constants."""
    layers = Layers()
    for batches, adj_y in [(((2, 1, 3), (1, 2, 1)), False), (((), (2,)), True)]:
        attributes = Attributes(adj_x, adj_y)
        a, b = operand_shapes(batches, 5, 7, 6, attributes)
        layers.layer("BATCH_MATMUL", [layers.input(a), layers.input(b)], attributes)
        layers.layer("BATCH_MATMUL", [layers.constant(a), layers.input(b)], attributes)
    check_executions(layers.graph(), layers.inputs)
    assert OP.macc(layers.graph().layers[0]) == 2 * 2 * 3 * 5 * 7 * 6


def test_values_of_every_kind() -> None:
    """No result is -0.0, also where a product is too small for any other number."""
    rng = np.random.default_rng(0)
    inputs = [rng.choice(special_values(), (3, *shape)) for shape in ((2, 3, 4), (2, 4, 5))]
    check_executions(sample(), inputs, cores=("cm3", "cm7"))
    tiny = [np.full((1, 2, 3, 4), -1e-30, np.float32), np.full((1, 2, 4, 5), 1e-30, np.float32)]
    assert not np.signbit(run(sample(), tiny)[0]).any()
