from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from simref.builder import GraphBuilder
from simref.graph import Graph
from simref.ops._activation import Activation
from simref.ops._elementwise import Attributes
from simref.ops.clip import Attributes as Clip
from simref.ops.hard_sigmoid import Attributes as HardSigmoid
from simref.passes.fuse_gates import fuse_gates
from tests.passes.rewrites import NONE, check_rounding_only, check_same_bits, ops_of

BINARY = Attributes(NONE)


class Formula:
    """Layers written as arithmetic."""

    def __init__(self) -> None:
        self.builder = GraphBuilder("formula")
        self.x = self.builder.input("x", (1, 6, 5))

    def number(self, value: float) -> int:
        return self.builder.constant(f"c{len(self.builder.tensors)}", np.array([value], np.float32))

    def of(self, op: str, *operands: int | float, attributes: object = None) -> int:
        tensors = [self.number(o) if isinstance(o, float) else o for o in operands]
        given = BINARY if op in ("ADD", "SUB", "MUL", "DIV") and attributes is None else attributes
        return self.builder.layer(op, f"{op.lower()}{len(self.builder.nodes)}", tensors, given)

    def graph(self, *outputs: int) -> Graph:
        return self.builder.graph(outputs)


def erf_divided(f: Formula) -> int:
    bent = f.of("ADD", f.of("ERF", f.of("DIV", f.x, math.sqrt(2))), 1.0)
    return f.of("MUL", f.of("MUL", f.x, bent), 0.5)


def erf_multiplied(f: Formula) -> int:
    bent = f.of("ADD", 1.0, f.of("ERF", f.of("MUL", math.sqrt(0.5), f.x)))
    return f.of("MUL", f.of("MUL", 0.5, f.x), bent)


def erf_halved(f: Formula) -> int:
    bent = f.of("ADD", f.of("ERF", f.of("MUL", f.x, math.sqrt(0.5))), 1.0)
    return f.of("MUL", f.x, f.of("DIV", bent, 2.0))


def tanh_of_cubes(f: Formula) -> int:
    cubes = f.of("MUL", f.of("POW", f.x, 3.0), 0.044715)
    bent = f.of("TANH", f.of("MUL", f.of("ADD", f.x, cubes), math.sqrt(2 / math.pi)))
    return f.of("MUL", f.of("MUL", f.x, 0.5), f.of("ADD", bent, 1.0))


def tanh_of_squares(f: Formula) -> int:
    squares = f.of("MUL", f.of("SQUARE", f.x), 0.044715)
    inner = f.of("MUL", f.of("MUL", f.x, f.of("ADD", 1.0, squares)), 0.7978845)
    return f.of("MUL", 0.5, f.of("MUL", f.x, f.of("ADD", 1.0, f.of("TANH", inner))))


def sigmoid(f: Formula) -> int:
    return f.of("MUL", f.of("LOGISTIC", f.x), f.x)


def scaled_sigmoid(f: Formula) -> int:
    return f.of("MUL", f.x, f.of("LOGISTIC", f.of("MUL", f.x, 1.702)))


def softplus(f: Formula) -> int:
    return f.of("MUL", f.x, f.of("TANH", f.of("SOFTPLUS", f.x)))


def hard_sigmoid(f: Formula) -> int:
    return f.of("MUL", f.x, f.of("HARD_SIGMOID", f.x, attributes=HardSigmoid(float(np.float32(1 / 6)), 0.5)))


def relu6(f: Formula) -> int:
    return f.of("MUL", f.x, f.of("MUL", f.of("RELU6", f.of("ADD", f.x, 3.0)), 1 / 6))


def fused_relu6(f: Formula) -> int:
    return f.of("MUL", f.of("MUL", f.x, f.of("ADD", f.x, 3.0, attributes=Attributes(Activation.RELU6))), 1 / 6)


def clipped(f: Formula) -> int:
    return f.of("DIV", f.of("MUL", f.of("CLIP", f.of("ADD", 3.0, f.x), attributes=Clip(0.0, 6.0)), f.x), 6.0)


@pytest.mark.parametrize(
    ("formula", "op"),
    [
        *((form, "GELU") for form in (erf_divided, erf_multiplied, erf_halved, tanh_of_cubes, tanh_of_squares)),
        *((form, "SILU") for form in (sigmoid, scaled_sigmoid)),
        (softplus, "MISH"),
        *((form, "HARD_SWISH") for form in (hard_sigmoid, relu6, fused_relu6, clipped)),
    ],
)
def test_a_product_with_a_gate_is_one_layer(formula: Callable[[Formula], int], op: str) -> None:
    f = Formula()
    graph = f.graph(formula(f))
    assert ops_of(check_rounding_only(fuse_gates, graph)) == [op]


def test_a_formula_of_a_product_keeps_the_product() -> None:
    f = Formula()
    f.x = f.of("MUL", f.x, 3.0)
    assert ops_of(check_rounding_only(fuse_gates, f.graph(erf_divided(f)))) == ["MUL", "GELU"]


def test_parts_that_others_read_stay() -> None:
    f = Formula()
    gate = f.of("LOGISTIC", f.x)
    graph = f.graph(f.of("MUL", gate, f.x), f.of("ADD", gate, 1.0))
    assert ops_of(check_rounding_only(fuse_gates, graph)) == ["LOGISTIC", "SILU", "ADD"]


def test_other_formulas_stay() -> None:
    f = Formula()
    other = f.builder.input("z", (1, 6, 5))
    wrong_slope = f.of("MUL", f.x, f.of("HARD_SIGMOID", f.x, attributes=HardSigmoid(0.2, 0.5)))
    wrong_half = f.of("MUL", f.x, f.of("ADD", f.of("ERF", f.of("MUL", f.x, math.sqrt(0.5))), 1.0))
    wrong_root = f.of("MUL", f.of("MUL", 0.5, f.x), f.of("ADD", f.of("ERF", f.of("MUL", f.x, 0.7)), 1.0))
    wrong_tensor = f.of("MUL", other, f.of("LOGISTIC", f.x))
    wrong_shift = f.of("MUL", f.of("MUL", f.of("RELU6", f.of("ADD", f.x, 2.0)), f.x), 1 / 6)
    graph = f.graph(wrong_slope, wrong_half, wrong_root, wrong_tensor, wrong_shift)
    assert check_same_bits(fuse_gates, graph).nodes == graph.nodes
