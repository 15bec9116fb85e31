"""What the reductions share, and their int8 forms above all: axes, shapes, rules and the walk in C."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from simref.graph import Layer, Shape
from simref.ops._op import Value
from simref.ops._rules import Custom, InputDtype, Operands, OutputDtype, OutputShape, PerTensor, Rank, Rule
from simref.ops._stored import resolve_axis, stored_integers
from simref.ops._walk import advances, padded_counts

# Rank 6 alternates at most three kept with three reduced dimensions; the innermost reduced one is a plain loop.
KEPT_LOOPS, REDUCED_LOOPS = 3, 2
MAX_RANK = 6
# A sum of so many differences of int8 is below 2**30.
MAX_REDUCED = 1 << 22


@dataclass(frozen=True)
class Attributes:
    """axes: the reduced dimensions, ascending. keep_dims: they stay in the output's shape, as 1."""

    axes: tuple[int, ...]
    keep_dims: bool


def attributes(options: Any, layer: Layer) -> Attributes:
    """Read the axes, operand 1, and the options table; without one reduced dimensions go."""
    rank = len(layer.input(0).shape)
    axes = sorted({resolve_axis(axis, rank) for axis in stored_integers(layer, 1, "axis")})
    return Attributes(tuple(axes), options is not None and bool(options.KeepDims()))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The input's shape, its reduced dimensions 1 or left out."""
    axes, keep = layer.attributes.axes, layer.attributes.keep_dims
    shape = layer.input(0).shape
    return (tuple(1 if i in axes else n for i, n in enumerate(shape) if keep or i not in axes),)


def reduced_elements(layer: Layer) -> int:
    """How many input elements make one output element."""
    return math.prod(layer.input(0).shape[axis] for axis in layer.attributes.axes)


def sample_axes(layer: Layer) -> tuple[int, ...]:
    """The axes of an array with a leading sample axis."""
    return tuple(axis + 1 for axis in layer.attributes.axes)


def input_elements(layer: Layer) -> int:
    """One multiply-accumulate per input element."""
    return layer.input(0).elements


def _reduced_violation(layer: Layer) -> str | None:
    reduced = reduced_elements(layer)
    return None if reduced <= MAX_REDUCED else f"{reduced} elements are reduced to one, must be 1 to {MAX_REDUCED}"


def _break_reduced(layer: Layer) -> Layer:
    x = layer.input(0)
    shape = (MAX_REDUCED + 1, *x.shape[1:])
    attributes = dataclasses.replace(layer.attributes, axes=tuple(range(len(shape))))
    return layer.replace(inputs=(dataclasses.replace(x, shape=shape),), attributes=attributes)


REDUCTION_RULES: tuple[Rule, ...] = (
    Operands(1),
    InputDtype("input", 0, ("int8",)),
    OutputDtype(("int8",)),
    PerTensor(),
    Rank("input", 0, 1, MAX_RANK),
    Custom(f"1 to {MAX_REDUCED} elements are reduced to one", _reduced_violation, _break_reduced),
    OutputShape(output_shapes),
)


def merged_loops(layer: Layer) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """(kept, reduced) loops as (count, step in elements), innermost first, adjacent dimensions of a kind merged."""
    kept: list[tuple[int, int]] = []
    reduced: list[tuple[int, int]] = []
    step, previous = 1, None
    for axis, count in reversed([*enumerate(layer.input(0).shape)]):
        if count == 1:
            continue
        loops = reduced if axis in layer.attributes.axes else kept
        if loops is previous:
            loops[-1] = (loops[-1][0] * count, loops[-1][1])
        else:
            loops.append((count, step))
        step, previous = step * count, loops
    return kept, reduced


def walk_params(layer: Layer) -> dict[str, Value]:
    """The fields of runtime_c/reduce.h."""
    kept, reduced = merged_loops(layer)
    (count, step), *outer = reduced or [(1, 0)]
    reduced_counts, reduced_steps = [n for n, _ in outer], [s for _, s in outer]
    kept_counts, kept_steps = [n for n, _ in kept], [s for _, s in kept]
    return {
        "count": count,
        "step": step,
        "reduced_count": padded_counts(reduced_counts, REDUCED_LOOPS),
        "reduced_advance": advances(reduced_counts, reduced_steps, REDUCED_LOOPS),
        "kept_count": padded_counts(kept_counts, KEPT_LOOPS),
        "kept_advance": advances(kept_counts, kept_steps, KEPT_LOOPS),
    }
