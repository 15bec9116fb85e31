from __future__ import annotations

import numpy as np
import pytest

from simref.graph import Graph
from simref.ops._reduce import Attributes as Reduce
from simref.ops.reshape import Attributes as Reshape
from simref.ops.transpose import Attributes as Transpose
from simref.passes.fuse_column_norm import fuse_column_norm
from simref.passes.fuse_layer_norm import fuse_layer_norm
from tests.passes.rewrites import check_rounding_only, check_same_bits, ops_of
from tests.passes.test_fuse_gates import Formula
from tests.passes.test_fuse_layer_norm import parameter

ROWS, ELEMENTS = 6, 5


def keras2(f: Formula, gamma: float = 1.0, beta: float = 0.0, back: tuple[int, ...] = (0, 3, 1, 2)) -> int:
    """What Keras 2 makes of a normalization of the last axis."""
    image = f.of("RESHAPE", f.x, attributes=Reshape((1, ROWS, ELEMENTS, 1)))
    x = f.of("TRANSPOSE", image, attributes=Transpose((0, 2, 3, 1)))
    axes = Reduce((0, 1, 2), False)
    mean = f.of("MEAN", x, attributes=axes)
    variance = f.of("MEAN", f.of("SQUARED_DIFFERENCE", x, mean), attributes=axes)
    ones, zeros = (f.builder.constant(n, np.full(ROWS, v, np.float32)) for n, v in (("ones", gamma), ("zeros", beta)))
    factor = f.of("MUL", f.of("RSQRT", f.of("ADD", variance, 1e-3)), ones)
    normal = f.of("ADD", f.of("MUL", x, factor), f.of("SUB", zeros, f.of("MUL", mean, factor)))
    return f.of(
        "RESHAPE", f.of("TRANSPOSE", normal, attributes=Transpose(back)), attributes=Reshape((1, ROWS, ELEMENTS))
    )


def _both(graph: Graph) -> Graph:
    return fuse_layer_norm(fuse_column_norm(graph))


def test_a_normalization_of_columns_is_one_of_rows() -> None:
    f = Formula()
    scaled = f.of("MUL", keras2(f), parameter(f, "gamma"))
    graph = f.graph(f.of("ADD", scaled, parameter(f, "beta")))
    assert ops_of(check_rounding_only(fuse_column_norm, graph)) == ["LAYER_NORMALIZATION", "MUL", "ADD"]
    (node,) = check_rounding_only(_both, graph).nodes
    assert node.attributes.axis == 2
    assert None not in node.inputs


@pytest.mark.parametrize(
    ("gamma", "beta", "back"), [(2.0, 0.0, (0, 3, 1, 2)), (1.0, 0.5, (0, 3, 1, 2)), (1.0, 0.0, (0, 1, 3, 2))]
)
def test_other_normalizations_stay(gamma: float, beta: float, back: tuple[int, ...]) -> None:
    f = Formula()
    graph = f.graph(keras2(f, gamma, beta, back))
    assert check_same_bits(fuse_column_norm, graph).nodes == graph.nodes
