"""One layer in the place of a function's formula: SOFTPLUS, SOFTSIGN, HARD_SIGMOID, ELU, SELU, and CLIP.

These are the spellings of TFLite's converter, which has no such operators, and of the frameworks before it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.graph import Graph, Node
from simref.ops.clip import Attributes as Clip
from simref.ops.elu import Attributes as Elu
from simref.ops.hard_sigmoid import Attributes as HardSigmoid
from simref.ops.selu import Attributes as Selu
from simref.passes._parts import Parts
from simref.passes.remove_dead import remove_dead

# Constants of a formula are stored as float32, quotients of them are rounded once more.
TOLERANCE = 1e-6


@dataclass(frozen=True)
class _Function:
    """The operator that a tensor is of x."""

    x: int
    op: str
    attributes: Any = None


def fuse_functions(graph: Graph) -> Graph:
    """Return the graph with one layer for each such formula of float32.

    Runs on nodes whose attributes are read. Promises: outputs are the same but for the rounding of the parts, and
    finite where a part overflowed; the new layer has the name and the output of the last of them.
    """
    parts = Parts(graph)
    nodes: list[Node] = []
    for node in graph.nodes:
        found = (recognise(parts, node.outputs[0]) for recognise in _RECOGNISED)
        function = next((function for function in found if function is not None), None)
        if function is None or parts.shape(function.x) != parts.shape(node.outputs[0]):
            nodes.append(node)
        else:
            nodes.append(Node(function.op, node.name, (function.x,), node.outputs, function.attributes))
    return remove_dead(dataclasses.replace(graph, nodes=tuple(nodes)))


def _softplus(parts: Parts, index: int) -> _Function | None:
    """log(exp(x) + 1)."""
    operands = parts.inputs(index, "LOG")
    shifted = None if operands is None else parts.sum(operands[0])
    if shifted is None or shifted[0] != 1 or parts.layer(shifted[1], "EXP") is None:
        return None
    return _Function(parts.operand(shifted[1]), "SOFTPLUS")


def _softsign(parts: Parts, index: int) -> _Function | None:
    """x / (|x| + 1)."""
    operands = parts.inputs(index, "DIV")
    shifted = None if operands is None else parts.sum(operands[1])
    if operands is None or shifted is None or shifted[0] != 1 or parts.inputs(shifted[1], "ABS") != operands[:1]:
        return None
    return _Function(operands[0], "SOFTSIGN")


def _hard_sigmoid(parts: Parts, index: int) -> _Function | None:
    """a * x + b, clamped to 0 to 1; or x + b clamped to 0 to h, of which the h-th part is taken."""
    found, slope = parts.clamped_sum(index), 1.0
    if found is None:
        scaled = _scaled(parts, index)
        if scaled is None:
            return None
        slope, inner = scaled
        found = parts.clamped_sum(inner)
    if found is None or found[2] != 0 or not math.isclose(found[3] * slope, 1, rel_tol=TOLERANCE):
        return None
    offset, x = found[:2]
    inside = _scaled(parts, x) if slope == 1 else None
    if inside is None:
        return _Function(x, "HARD_SIGMOID", HardSigmoid(slope, float(np.float32(offset * slope))))
    return _Function(inside[1], "HARD_SIGMOID", HardSigmoid(inside[0], offset))


def _scaled(parts: Parts, index: int) -> tuple[float, int] | None:
    """The tensor as a number times a tensor."""
    products = ((parts.number(a), b) for a, b in parts.pairs(index, "MUL"))
    found = next(((number, b) for number, b in products if number is not None), None)
    if found is not None:
        return found
    operands = parts.inputs(index, "DIV")
    divisor = None if operands is None else parts.number(operands[1])
    return None if operands is None or not divisor else (1 / divisor, operands[0])


def _exponential(parts: Parts, index: int) -> tuple[float, int] | None:
    """(alpha, x), where the tensor is alpha * (exp(x) - 1)."""
    alpha, inner = _scaled(parts, index) or (1.0, index)
    operands = parts.inputs(inner, "SUB")
    less_one = None
    if operands is not None and parts.number(operands[1]) == 1:
        less_one = operands[0]
    elif (shifted := parts.sum(inner)) is not None and shifted[0] == -1:
        less_one = shifted[1]
    return (alpha, parts.operand(less_one)) if less_one is not None and parts.layer(less_one, "EXP") else None


def _chosen(parts: Parts, index: int) -> _Function | None:
    """gamma * x where x > 0, else alpha * (exp(x) - 1)."""
    operands = parts.inputs(index, "SELECT_V2")
    compared = None if operands is None else parts.inputs(operands[0], "GREATER", "GREATER_EQUAL")
    below = None if operands is None else _exponential(parts, operands[2])
    if operands is None or compared is None or below is None or parts.number(compared[1]) != 0:
        return None
    (alpha, x), above = below, operands[1]
    gamma, of = (1.0, above) if above == x else _scaled(parts, above) or (1.0, above)
    if compared[0] != x or of != x or gamma <= 0:
        return None
    return _Function(x, "ELU", Elu(alpha)) if gamma == 1 else _Function(x, "SELU", Selu(alpha / gamma, gamma))


def _added(parts: Parts, index: int) -> _Function | None:
    """relu(x) + (exp(min(x, 0)) - 1)."""
    for a, b in parts.pairs(index, "ADD"):
        below = _exponential(parts, b)
        if below is None or below[0] != 1:
            continue
        (x, low, high), (same, *bounds) = parts.unclamped(a), parts.unclamped(below[1])
        if x == same and (low, high, *bounds) == (0, math.inf, -math.inf, 0):
            return _Function(x, "ELU", Elu(1.0))
    return None


def _clip(parts: Parts, index: int) -> _Function | None:
    """Several clamps in a row."""
    x, low, high = parts.unclamped(index)
    once = x == index or parts.operand(index) == x or x in (parts.inputs(index, "MAXIMUM", "MINIMUM") or ())
    return None if once else _Function(x, "CLIP", Clip(low, high))


_RECOGNISED: tuple[Callable[[Parts, int], _Function | None], ...] = (
    _softplus,
    _softsign,
    _hard_sigmoid,
    _chosen,
    _added,
    _clip,
)
