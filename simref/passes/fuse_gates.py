"""GELU, SILU, MISH and HARD_SWISH in the place of their parts: x times a gate, a function of x between 0 and 1.

Frameworks write 0.5 * x * (1 + erf(x / sqrt(2))) in any order of its factors, so a product is first taken apart.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.graph import Graph, Node
from simref.ops.gelu import Attributes as Gelu
from simref.ops.silu import Attributes as Silu
from simref.passes._parts import Parts
from simref.passes.remove_dead import remove_dead

# Constants of a formula are stored as float32, some with five digits only.
TOLERANCE = 1e-5
# No formula here multiplies more often in a row.
MAX_DEPTH = 6
_CUBIC = 0.044715


@dataclass(frozen=True)
class _Gate:
    """A tensor that `x` times `factor` is multiplied with to get the operator's result."""

    x: int
    factor: float
    op: str
    attributes: Any


def fuse_gates(graph: Graph) -> Graph:
    """Return the graph with one layer for each such product of float32.

    Runs on nodes whose attributes are read. Promises: outputs are the same but for the rounding of the parts; the new
    layer has the product's name and output.
    """
    parts = Parts(graph)
    gates = {index: gate for index in parts.written() if (gate := _gate(parts, index)) is not None}
    if not gates:
        return graph
    stops = frozenset(gates) | {gate.x for gate in gates.values()}
    nodes = [_replaced(parts, node, gates, stops) for node in graph.nodes]
    return remove_dead(dataclasses.replace(graph, nodes=tuple(nodes)))


def _replaced(parts: Parts, node: Node, gates: dict[int, _Gate], stops: frozenset[int]) -> Node:
    if node.op not in ("DIV", "MUL") or parts.layer(node.outputs[0], node.op) is None:
        return node
    factor, factors = _product(parts, node.outputs[0], stops - {node.outputs[0]})
    for k, index in enumerate(factors):
        gate = gates.get(index)
        if gate is not None and factors[:k] + factors[k + 1 :] == (gate.x,) and _near(factor, gate.factor):
            return Node(gate.op, node.name, (gate.x,), node.outputs, gate.attributes)
    return node


def _near(found: float, wanted: float) -> bool:
    return math.isclose(found, wanted, rel_tol=TOLERANCE)


def _product(parts: Parts, index: int, stops: frozenset[int], depth: int = MAX_DEPTH) -> tuple[float, tuple[int, ...]]:
    """The tensor as a number times tensors; `stops` and what no product wrote stay whole."""
    number, operands = parts.number(index), parts.inputs(index, "MUL", "DIV", "SQUARE", "POW")
    if number is not None:
        return number, ()
    if index in stops or operands is None or depth == 0:
        return 1.0, (index,)
    first, left = _product(parts, operands[0], stops, depth - 1)
    if parts.layer(index, "MUL") is not None:
        second, right = _product(parts, operands[1], stops, depth - 1)
        return first * second, tuple(sorted(left + right))
    exponent = 2.0 if len(operands) == 1 else parts.number(operands[1])
    if parts.layer(index, "DIV") is not None and exponent:
        return first / exponent, left
    if parts.layer(index, "SQUARE", "POW") is not None and exponent in (2, 3):
        return first**exponent, tuple(sorted(left * int(exponent)))
    return 1.0, (index,)


def _gate(parts: Parts, index: int) -> _Gate | None:
    """The gate that the tensor is, if it is one."""
    found = (recognise(parts, index) for recognise in _RECOGNISED)
    return next((gate for gate in found if gate is not None), None)


def _logistic(parts: Parts, index: int) -> _Gate | None:
    """sigmoid(beta * x)."""
    if parts.layer(index, "LOGISTIC") is None:
        return None
    x = parts.operand(index)
    factor, factors = _product(parts, x, frozenset(), 1)
    if len(factors) == 1 and factor > 0 and factors != (x,):
        return _Gate(factors[0], 1.0, "SILU", Silu(float(np.float32(factor))))
    return _Gate(x, 1.0, "SILU", Silu(1.0))


def _mish(parts: Parts, index: int) -> _Gate | None:
    """tanh(softplus(x))."""
    if parts.layer(index, "TANH") is None:
        return None
    inner = parts.operand(index)
    return None if parts.layer(inner, "SOFTPLUS") is None else _Gate(parts.operand(inner), 1.0, "MISH", None)


def _hard_sigmoid(parts: Parts, index: int) -> _Gate | None:
    """x / 6 + 1 / 2, clamped to 0 to 1."""
    layer = parts.layer(index, "HARD_SIGMOID")
    if layer is None or not (_near(layer.attributes.alpha, 1 / 6) and _near(layer.attributes.beta, 0.5)):
        return None
    return _Gate(parts.operand(index), 1.0, "HARD_SWISH", None)


def _clamped(parts: Parts, index: int) -> _Gate | None:
    """relu6(x + 3), of which a sixth is the gate."""
    match parts.clamped_sum(index):
        case (3, x, 0, 6):
            return _Gate(x, 1 / 6, "HARD_SWISH", None)
    return None


def _normal(parts: Parts, index: int) -> _Gate | None:
    """1 + erf(x / sqrt(2)), or 1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)), of which a half is the gate."""
    shifted = parts.sum(index)
    if shifted is None or shifted[0] != 1 or parts.layer(shifted[1], "ERF", "TANH") is None:
        return None
    inner = parts.operand(shifted[1])
    if parts.layer(shifted[1], "ERF") is not None:
        factor, factors = _product(parts, inner, frozenset(), 1)
        exact = len(factors) == 1 and _near(factor, math.sqrt(0.5))
        return _Gate(factors[0], 0.5, "GELU", Gelu(False)) if exact else None
    x = _bent(parts, inner)
    return None if x is None else _Gate(x, 0.5, "GELU", Gelu(True))


def _bent(parts: Parts, index: int) -> int | None:
    """x, where the tensor is sqrt(2 / pi) * (x + 0.044715 * x^3), or the same with x taken out of the brackets."""
    factor, factors = _product(parts, index, frozenset())
    if not _near(factor, math.sqrt(2 / math.pi)):
        return None
    for bracket in factors:
        for a, b in parts.pairs(bracket, "ADD"):
            x = a if len(factors) == 1 else next(iter(k for k in factors if k != bracket), a)
            power = 3 if len(factors) == 1 else 2
            cubic, powers = _product(parts, b, frozenset((x,)))
            fits = len(factors) == 1 or (len(factors) == 2 and parts.number(a) == 1)
            if fits and _near(cubic, _CUBIC) and powers == (x,) * power:
                return x
    return None


_RECOGNISED: tuple[Callable[[Parts, int], _Gate | None], ...] = (_logistic, _mish, _hard_sigmoid, _clamped, _normal)
