from __future__ import annotations

from collections.abc import Callable

import pytest

from simref.ops._reduce import Attributes as Reduce
from simref.passes.fuse_layer_norm import fuse_layer_norm
from tests.passes.rewrites import check_rounding_only, check_same_bits, ops_of, values
from tests.passes.test_fuse_gates import Formula

LAST = Reduce((2,), True)


def parameter(f: Formula, name: str, *shape: int) -> int:
    return f.builder.constant(name, values(shape or (5,), len(name)))


def centred(f: Formula) -> int:
    return f.of("SUB", f.x, f.of("MEAN", f.x, attributes=LAST))


def divided(f: Formula) -> int:
    deviation = centred(f)
    variance = f.of("MEAN", f.of("POW", deviation, 2.0), attributes=LAST)
    return f.of("DIV", deviation, f.of("SQRT", f.of("ADD", variance, 1e-5)))


def multiplied(f: Formula) -> int:
    deviation = centred(f)
    variance = f.of("MEAN", f.of("MUL", deviation, deviation), attributes=LAST)
    return f.of("MUL", f.of("RSQRT", f.of("ADD", 1e-5, variance)), deviation)


def reciprocal(f: Formula) -> int:
    variance = f.of("MEAN", f.of("SQUARE", centred(f)), attributes=LAST)
    return f.of("MUL", centred(f), f.of("RECIPROCAL", f.of("SQRT", f.of("ADD", variance, 1e-5))))


def difference(f: Formula) -> int:
    mean = f.of("MEAN", f.x, attributes=LAST)
    variance = f.of("MEAN", f.of("SQUARED_DIFFERENCE", f.x, mean), attributes=LAST)
    return f.of("MUL", f.of("SUB", f.x, mean), f.of("RSQRT", f.of("ADD", variance, 1e-5)))


@pytest.mark.parametrize("formula", [divided, multiplied, reciprocal, difference])
def test_parts_are_one_layer(formula: Callable[[Formula], int]) -> None:
    f = Formula()
    (node,) = check_rounding_only(fuse_layer_norm, f.graph(formula(f))).nodes
    assert (node.op, node.inputs[1:]) == ("LAYER_NORMALIZATION", (None, None))
    assert node.attributes.axis == 2
    assert node.attributes.epsilon == pytest.approx(1e-5)


@pytest.mark.parametrize("formula", [divided, multiplied])
def test_scale_and_offset_join(formula: Callable[[Formula], int]) -> None:
    f = Formula()
    scaled = f.of("MUL", parameter(f, "gamma"), formula(f))
    (node,) = check_rounding_only(fuse_layer_norm, f.graph(f.of("ADD", scaled, parameter(f, "beta")))).nodes
    assert None not in node.inputs


def test_a_factor_of_scale_and_root_is_taken_apart() -> None:
    f = Formula()
    mean = f.of("MEAN", f.x, attributes=LAST)
    variance = f.of("MEAN", f.of("SQUARED_DIFFERENCE", f.x, mean), attributes=LAST)
    factor = f.of("MUL", f.of("RSQRT", f.of("ADD", variance, 1e-3)), parameter(f, "gamma"))
    offset = f.of("SUB", parameter(f, "beta"), f.of("MUL", mean, factor))
    graph = f.graph(f.of("ADD", f.of("MUL", f.x, factor), offset))
    assert ops_of(check_rounding_only(fuse_layer_norm, graph)) == ["LAYER_NORMALIZATION"]


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("shifted", [True, False])
def test_a_negated_mean_and_parameters_of_full_rank(scaled: bool, shifted: bool) -> None:
    f = Formula()
    mean = f.of("MEAN", f.x, attributes=LAST)
    variance = f.of("MEAN", f.of("SQUARED_DIFFERENCE", f.x, mean), attributes=LAST)
    factor = f.of("RSQRT", f.of("ADD", variance, 1e-3))
    if scaled:
        factor = f.of("MUL", factor, parameter(f, "gamma", 1, 1, 5))
    offset = f.of("MUL", f.of("NEG", mean), factor)
    if shifted:
        offset = f.of("ADD", offset, parameter(f, "beta", 1, 1, 5))
    (node,) = check_rounding_only(fuse_layer_norm, f.graph(f.of("ADD", f.of("MUL", f.x, factor), offset))).nodes
    assert [index is not None for index in node.inputs] == [True, scaled, shifted]


def test_several_axes_up_to_the_last() -> None:
    f = Formula()
    both = Reduce((1, 2), True)
    deviation = f.of("SUB", f.x, f.of("MEAN", f.x, attributes=both))
    root = f.of("SQRT", f.of("ADD", f.of("MEAN", f.of("SQUARE", deviation), attributes=both), 1e-5))
    graph = f.graph(f.of("ADD", f.of("DIV", deviation, root), parameter(f, "beta", 6, 5)))
    (node,) = check_rounding_only(fuse_layer_norm, graph).nodes
    assert node.attributes.axis == 1


def test_what_is_no_layer_normalization_stays() -> None:
    f = Formula()
    columns = Reduce((1,), True)
    deviation = f.of("SUB", f.x, f.of("MEAN", f.x, attributes=columns))
    first_axis = f.of(
        "DIV", deviation, f.of("SQRT", f.of("ADD", f.of("MEAN", f.of("SQUARE", deviation), attributes=columns), 1e-5))
    )
    other = f.builder.input("z", (1, 6, 5))
    variance = f.of("MEAN", f.of("SQUARE", centred(f)), attributes=LAST)
    of_other = f.of(
        "DIV", f.of("SUB", other, f.of("MEAN", other, attributes=LAST)), f.of("SQRT", f.of("ADD", variance, 1e-5))
    )
    graph = f.graph(first_axis, of_other)
    assert check_same_bits(fuse_layer_norm, graph).nodes == graph.nodes
