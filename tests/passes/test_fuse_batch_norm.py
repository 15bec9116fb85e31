from __future__ import annotations

import pytest

from simref.ops._activation import Activation
from simref.ops._elementwise import Attributes
from simref.passes.fuse_batch_norm import fuse_batch_norm
from tests.passes.rewrites import check_rounding_only, check_same_bits, ops_of
from tests.passes.test_fuse_gates import Formula
from tests.passes.test_fuse_layer_norm import parameter


@pytest.mark.parametrize("shape", [(5,), (1, 1, 5)])
@pytest.mark.parametrize("activation", [Activation.NONE, Activation.RELU6])
@pytest.mark.parametrize("op", ["ADD", "SUB"])
def test_product_and_sum_are_one_layer(shape: tuple[int, ...], activation: Activation, op: str) -> None:
    f = Formula()
    product = f.of("MUL", parameter(f, "scale", *shape), f.x)
    graph = f.graph(f.of(op, product, parameter(f, "offset", *shape), attributes=Attributes(activation)))
    (node,) = check_rounding_only(fuse_batch_norm, graph).nodes
    assert (node.op, node.attributes.activation) == ("BATCH_NORMALIZATION", activation)


def test_a_difference_from_a_constant_turns_the_scale() -> None:
    f = Formula()
    graph = f.graph(f.of("SUB", parameter(f, "offset"), f.of("MUL", f.x, parameter(f, "scale"))))
    assert ops_of(check_rounding_only(fuse_batch_norm, graph)) == ["BATCH_NORMALIZATION"]


def test_other_pairs_stay() -> None:
    f = Formula()
    scale = parameter(f, "scale")
    clamps = f.of("ADD", f.of("MUL", f.x, scale, attributes=Attributes(Activation.RELU)), parameter(f, "offset"))
    of_all = f.of("ADD", f.of("MUL", f.x, 2.0), 1.0)
    by_element = f.of("ADD", f.of("MUL", f.x, scale), parameter(f, "elements", 6, 5))
    read_twice = f.of("MUL", f.x, scale)
    graph = f.graph(clamps, of_all, by_element, f.of("ADD", read_twice, parameter(f, "shift")), read_twice)
    assert check_same_bits(fuse_batch_norm, graph).nodes == graph.nodes
