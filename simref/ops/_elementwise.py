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
    """The output shape that NumPy's (and TFLite's) broadcasting of all inputs gives."""
    return (np.broadcast_shapes(*_input_shapes(layer)),)


def _input_shapes(layer: Layer) -> tuple[Shape, ...]:
    return tuple(layer.input(position).shape for position in range(len(layer.inputs)))


def _broadcast_violation(layer: Layer) -> str | None:
    shapes = _input_shapes(layer)
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return f"input shapes are {' and '.join(map(str, shapes))}, must be equal or 1 in each dimension"
    return None


def _break_broadcast(layer: Layer) -> Layer:
    different = range(len(layer.inputs))
    return layer.replace(inputs=tuple(dataclasses.replace(layer.input(k), shape=(2 + k,)) for k in different))


def broadcast_rules(operands: int) -> tuple[Rule, ...]:
    """The shapes of the inputs and of the output."""
    return (
        *(Rank(f"input {position}", position, 0, MAX_RANK) for position in range(operands)),
        Custom("input shapes broadcast", _broadcast_violation, _break_broadcast),
        OutputShape(broadcast_shapes),
    )


BINARY_RULES: tuple[Rule, ...] = (
    Operands(2),
    InputDtype("input 0", 0, ("int8",)),
    InputDtype("input 1", 1, ("int8",)),
    OutputDtype(("int8",)),
    PerTensor(),
    *broadcast_rules(2),
)
"""The rules of int8."""


def of_one_rank(layer: Layer, arrays: Sequence[Array]) -> tuple[Array, ...]:
    """The inputs with a sample axis and the output's rank: NumPy then broadcasts them as TFLite does."""
    rank = len(layer.output.shape)
    return tuple(array.reshape(len(array), *(1,) * (rank + 1 - array.ndim), *array.shape[1:]) for array in arrays)


def aligned(layer: Layer, arrays: Sequence[Array], dtype: type[np.integer[Any]]) -> tuple[Array, Array]:
    """Two inputs of one rank in that dtype."""
    a, b = of_one_rank(layer, arrays)
    return a.astype(dtype, copy=False), b.astype(dtype, copy=False)


def in_place(layer: Layer) -> tuple[int, ...]:
    """The inputs of the output's size: the walk reads each of their elements just before it writes that place."""
    return tuple(
        position
        for position, tensor in enumerate(layer.inputs)
        if tensor is not None and not tensor.is_constant
        if (tensor.dtype.itemsize, tensor.elements) == (layer.output.dtype.itemsize, layer.output.elements)
    )


@dataclass(frozen=True)
class Loop:
    """One loop of a broadcast walk: its count, and how many elements each operand moves per step."""

    count: int
    steps: tuple[int, ...]


def loops(*shapes: Shape) -> list[Loop]:
    """The fewest nested loops, innermost first, that walk the broadcast of some shapes in the output's order."""
    rank = max(map(len, shapes))
    found = [Loop(1, (1,) * len(shapes))]
    sizes = (1,) * len(shapes)
    for dimensions in zip(*(reversed((1,) * (rank - len(shape)) + shape) for shape in shapes), strict=True):
        loop = Loop(max(dimensions), tuple(s if n > 1 else 0 for s, n in zip(sizes, dimensions, strict=True)))
        inner = found[-1]
        if inner.count == 1:
            found[-1] = loop if loop.count > 1 else inner
        elif loop.count > 1:
            if loop.steps == tuple(inner.count * step for step in inner.steps):
                found[-1] = Loop(inner.count * loop.count, inner.steps)
            else:
                found.append(loop)
        sizes = tuple(s * n for s, n in zip(sizes, dimensions, strict=True))
    return found


def walk_params(*shapes: Shape) -> dict[str, Value]:
    """The fields of runtime_c/broadcast.h: the innermost loop, and the outer ones padded to `OUTER_LOOPS`.

    The operands' names are a, b and c, in this order.
    """
    inner, *outer = loops(*shapes)
    counts = [loop.count for loop in outer]
    params: dict[str, Value] = {"count": inner.count}
    params |= {f"{name}_step": step for name, step in zip("abc", inner.steps, strict=False)}
    params["outer_count"] = padded_counts(counts, OUTER_LOOPS)
    for operand, name in enumerate("abc"[: len(shapes)]):
        params[f"{name}_advance"] = advances(counts, [loop.steps[operand] for loop in outer], OUTER_LOOPS)
    return params
