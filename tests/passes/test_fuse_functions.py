from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from simref.interpreter import run
from simref.ops._activation import Activation
from simref.ops._elementwise import Attributes
from simref.ops.clip import Attributes as Clip
from simref.passes.fuse_functions import fuse_functions
from tests.passes.rewrites import check_rounding_only, check_same_bits, ops_of, values
from tests.passes.test_fuse_gates import Formula

RELU6 = Attributes(Activation.RELU6)
# What a float32 constant keeps of the usual values.
SIXTH, ALPHA, GAMMA = float(np.float32(1 / 6)), 1.7580993175506592, 1.0507010221481323


def softplus(f: Formula) -> int:
    return f.of("LOG", f.of("ADD", 1.0, f.of("EXP", f.x)))


def softsign(f: Formula) -> int:
    return f.of("DIV", f.x, f.of("ADD", f.of("ABS", f.x), 1.0))


def clamped_by_its_sum(f: Formula) -> int:
    return f.of("MUL", f.of("ADD", f.x, 3.0, attributes=RELU6), SIXTH)


def clamped_behind_its_sum(f: Formula) -> int:
    return f.of("DIV", f.of("RELU6", f.of("ADD", 3.0, f.x)), 6.0)


def clamped_to_one(f: Formula) -> int:
    return f.of("RELU", f.of("MINIMUM", f.of("ADD", f.of("MUL", f.x, 0.25), 0.5), 1.0))


def below_zero(f: Formula, alpha: float) -> int:
    return f.of("MUL", f.of("SUB", f.of("EXP", f.x), 1.0), alpha)


def chosen(f: Formula, above: int, below: int) -> int:
    zero = f.number(0.0)
    condition = f.builder.layer("GREATER", "greater", [f.x, zero], dtype="bool")
    return f.builder.layer("SELECT_V2", "select", [condition, above, below], dtype="float32")


def selu(f: Formula) -> int:
    return chosen(f, f.of("MUL", f.x, GAMMA), below_zero(f, ALPHA))


def elu(f: Formula) -> int:
    return chosen(f, f.x, below_zero(f, 0.75))


def elu_of_two_sides(f: Formula) -> int:
    below = f.of("ADD", f.of("EXP", f.of("MINIMUM", f.x, 0.0)), -1.0)
    return f.of("ADD", f.of("RELU", f.x), below)


def clip(f: Formula) -> int:
    return f.of("MAXIMUM", -0.5, f.of("MINIMUM", f.x, 0.75))


@pytest.mark.parametrize(
    ("formula", "op"),
    [
        (softplus, "SOFTPLUS"),
        (softsign, "SOFTSIGN"),
        *((form, "HARD_SIGMOID") for form in (clamped_by_its_sum, clamped_behind_its_sum, clamped_to_one)),
        (selu, "SELU"),
        *((form, "ELU") for form in (elu, elu_of_two_sides)),
    ],
)
def test_a_formula_is_one_layer(formula: Callable[[Formula], int], op: str) -> None:
    f = Formula()
    (node,) = check_rounding_only(fuse_functions, f.graph(formula(f))).nodes
    assert node.op == op


def test_clamps_in_a_row_are_one_in_every_bit() -> None:
    f = Formula()
    (node,) = check_same_bits(fuse_functions, f.graph(clip(f))).nodes
    assert (node.op, node.attributes) == ("CLIP", Clip(-0.5, 0.75))


def test_a_softplus_is_finite_where_its_exponential_overflows() -> None:
    f = Formula()
    graph = f.graph(softplus(f))
    x = np.full((1, 1, 6, 5), 100, np.float32)
    assert np.isinf(run(graph, [x])[0]).all()
    np.testing.assert_array_equal(run(fuse_functions(graph), [x])[0], x)


def test_parts_that_others_read_stay() -> None:
    f = Formula()
    exponential = f.of("EXP", f.x)
    graph = f.graph(f.of("LOG", f.of("ADD", exponential, 1.0)), f.of("MUL", exponential, 2.0))
    assert ops_of(check_rounding_only(fuse_functions, graph)) == ["EXP", "SOFTPLUS", "MUL"]


def test_other_formulas_stay() -> None:
    f = Formula()
    f.x = f.of("ABS", f.x)
    other = f.builder.input("z", (1, 6, 5))
    wrong_sum = f.of("LOG", f.of("ADD", f.of("EXP", f.x), 2.0))
    wrong_sign = f.of("DIV", f.x, f.of("ADD", f.of("ABS", other), 1.0))
    wrong_slope = f.of("MUL", f.of("ADD", f.x, 3.0, attributes=RELU6), 0.2)
    wrong_side = chosen(f, other, below_zero(f, 0.75))
    wrong_clamp = f.of("ADD", f.of("RELU", f.x), f.of("SUB", f.of("EXP", f.of("MINIMUM", f.x, 1.0)), 1.0))
    one_clamp = f.of("MINIMUM", f.x, 0.5)
    between_channels = f.of("MINIMUM", f.of("RELU", f.x), f.builder.constant("bounds", values((5,))))
    graph = f.graph(wrong_sum, wrong_sign, wrong_slope, wrong_side, wrong_clamp, one_clamp, between_channels)
    assert check_same_bits(fuse_functions, graph).nodes == graph.nodes


def test_clamps_that_leave_nothing_stay() -> None:
    f = Formula()
    graph = f.graph(f.of("MINIMUM", f.of("RELU", f.x), -1.0))
    assert check_same_bits(fuse_functions, graph).nodes == graph.nodes
