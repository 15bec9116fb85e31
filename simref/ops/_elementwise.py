"""What the binary elementwise operators share: broadcasting, its walk in C, rules and the fused activation."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.graph import Array, Layer, Shape
from simref.ops._activation import Activation, activation_from_tflite
from simref.ops._op import Value
from simref.ops._rules import Custom, InputDtype, Operands, OutputDtype, OutputShape, PerTensor, Rank, Rule
from simref.ops._walk import advances, padded_counts

# The loops around the innermost one in runtime_c/broadcast.h (SIMREF_OUTER_LOOPS), so the highest rank less one.
OUTER_LOOPS = 5
MAX_RANK = OUTER_LOOPS + 1


@dataclass(frozen=True)
class Attributes:
    """activation: the clamp fused into the layer."""

    activation: Activation


def fused_activation(options: Any, layer: Layer) -> Attributes:
    """Read the options table of ADD, SUB or MUL; without one there is no activation."""
    code = 0 if options is None else options.FusedActivationFunction()
    return Attributes(activation_from_tflite(code))


def elements(layer: Layer) -> int:
    """One multiply-accumulate per output element."""
    return layer.output.elements


def broadcast_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The output shape that NumPy's (and TFLite's) broadcasting of the two inputs gives."""
    return (np.broadcast_shapes(layer.input(0).shape, layer.input(1).shape),)


def _broadcast_violation(layer: Layer) -> str | None:
    a, b = layer.input(0).shape, layer.input(1).shape
    try:
        np.broadcast_shapes(a, b)
    except ValueError:
        return f"input shapes are {a} and {b}, must be equal or 1 in each dimension"
    return None


def _break_broadcast(layer: Layer) -> Layer:
    shapes: tuple[Shape, Shape] = ((2,), (3,))
    return layer.replace(
        inputs=tuple(dataclasses.replace(layer.input(i), shape=shape) for i, shape in enumerate(shapes))
    )


BROADCAST_RULES: tuple[Rule, ...] = (
    Rank("input 0", 0, 0, MAX_RANK),
    Rank("input 1", 1, 0, MAX_RANK),
    Custom("input shapes broadcast", _broadcast_violation, _break_broadcast),
    OutputShape(broadcast_shapes),
)
"""The shapes of the two inputs and of the output."""

BINARY_RULES: tuple[Rule, ...] = (
    Operands(2),
    InputDtype("input 0", 0, ("int8",)),
    InputDtype("input 1", 1, ("int8",)),
    OutputDtype(("int8",)),
    PerTensor(),
    *BROADCAST_RULES,
)
"""The rules of int8."""


def aligned(layer: Layer, arrays: Sequence[Array], dtype: type[np.integer[Any]]) -> tuple[Array, Array]:
    """The two inputs in that dtype, with a sample axis and equal ranks: NumPy then broadcasts them as TFLite does."""
    rank = len(layer.output.shape)
    a, b = (array.reshape(len(array), *(1,) * (rank + 1 - array.ndim), *array.shape[1:]) for array in arrays)
    return a.astype(dtype, copy=False), b.astype(dtype, copy=False)


def in_place(layer: Layer) -> tuple[int, ...]:
    """The inputs of the output's size: the walk reads each of their elements just before it writes that place."""
    return tuple(
        position
        for position in (0, 1)
        if not layer.input(position).is_constant and layer.input(position).elements == layer.output.elements
    )


@dataclass(frozen=True)
class Loop:
    """One loop of a broadcast walk: its count, and how many elements each operand moves per step."""

    count: int
    a_step: int
    b_step: int


def loops(a: Shape, b: Shape) -> list[Loop]:
    """The fewest nested loops, innermost first, that walk the broadcast of two shapes in the output's order."""
    rank = max(len(a), len(b))
    found: list[Loop] = [Loop(1, 1, 1)]
    a_size = b_size = 1
    for x, y in zip(reversed((1,) * (rank - len(a)) + a), reversed((1,) * (rank - len(b)) + b), strict=True):
        loop = Loop(max(x, y), a_size if x > 1 else 0, b_size if y > 1 else 0)
        inner = found[-1]
        if inner.count == 1:
            found[-1] = loop if loop.count > 1 else inner
        elif loop.count > 1:
            if (loop.a_step, loop.b_step) == (inner.count * inner.a_step, inner.count * inner.b_step):
                found[-1] = Loop(inner.count * loop.count, inner.a_step, inner.b_step)
            else:
                found.append(loop)
        a_size, b_size = a_size * x, b_size * y
    return found


def walk_params(a: Shape, b: Shape) -> dict[str, Value]:
    """The fields of runtime_c/broadcast.h: the innermost loop, and the outer ones padded to `OUTER_LOOPS`."""
    inner, *outer = loops(a, b)
    counts = [loop.count for loop in outer]
    return {
        "count": inner.count,
        "a_step": inner.a_step,
        "b_step": inner.b_step,
        "outer_count": padded_counts(counts, OUTER_LOOPS),
        "a_advance": advances(counts, [loop.a_step for loop in outer], OUTER_LOOPS),
        "b_advance": advances(counts, [loop.b_step for loop in outer], OUTER_LOOPS),
    }
