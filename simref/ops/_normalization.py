"""What the normalizations of float32 by their own mean and deviation share: the order of each sum.

One group of n values, in one lane and in order, with multiply-adds where a product is added:

    mean = (0 + x[0] + x[1] + …) / n
    variance = (0 + d[0] * d[0] + d[1] * d[1] + …) / n, where d = x - mean
    y = (d * (1 / sqrt(variance + epsilon))) * gamma + beta

An absent gamma is 1, an absent beta 0.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np

from simref.float32 import Float32, multiply_add, rsqrt
from simref.graph import Array, Layer, Shape
from simref.ops._op import Form, KernelCall, Value
from simref.ops._reduce_numbers import summed
from simref.ops._rules import (
    Custom,
    Finite,
    InputDtype,
    NotEmpty,
    Operands,
    OutputDtype,
    OutputShape,
    Rank,
    Rule,
    same_shape,
)

GAMMA, BETA = 1, 2
MAX_RANK = 8


def squares(x: Float32, fused: bool) -> Float32:
    """The sums of the squares of the last axis, one after the other."""
    if not fused:
        with np.errstate(all="ignore"):
            return np.asarray(summed(x * x), np.float32)
    columns, total = np.ascontiguousarray(np.moveaxis(x, -1, 0)), np.zeros(x.shape[:-1], np.float32)
    for column in columns:
        multiply_add(column, column, total, fused, out=total)
    return total


def normalized(x: Float32, gamma: Float32, beta: Float32, epsilon: np.float32, fused: bool) -> Float32:
    """Groups along the last axis; gamma and beta of shapes that broadcast to x's."""
    count = np.float32(x.shape[-1])
    with np.errstate(all="ignore"):
        differences = np.asarray(x - (summed(x) / count)[..., np.newaxis], np.float32)
        scale = rsqrt(squares(differences, fused) / count + epsilon, fused)
        return multiply_add(differences * scale[..., np.newaxis], gamma, beta, fused)


def normalized_numba(x: Float32, gamma: Float32, beta: Float32, epsilon: np.float32, fused: bool) -> Float32:
    """The same in compiled code."""
    from simref.ops._numba_normalization import normalize_rows

    rows, scales, shifts = (
        np.ascontiguousarray(np.broadcast_to(v, x.shape)).reshape(-1, x.shape[-1]) for v in (x, gamma, beta)
    )
    y: Float32 = normalize_rows(rows, scales, shifts, epsilon, fused)
    return y.reshape(x.shape)


Grouped = Callable[[Layer, Sequence[Array]], tuple[Array, Array, Array]]


def normalization_form(
    rules: tuple[Rule, ...],
    grouped: Grouped,
    restored: Callable[[Layer, Array], Array],
    kernels: Callable[[Layer], tuple[KernelCall, ...]],
) -> Form:
    """grouped: x with its groups along the last axis, gamma and beta to broadcast with it. restored: x as it was."""

    def computed(layer: Layer, inputs: Sequence[Array], compute: Callable[..., Float32]) -> tuple[Array, ...]:
        y = compute(*grouped(layer, inputs), np.float32(layer.attributes.epsilon), layer.fused)
        return (restored(layer, y),)

    return Form(
        rounding="float32: sums in one lane, in order",
        rules=rules,
        reference=lambda layer, inputs: computed(layer, inputs, normalized),
        numba=lambda layer, inputs: computed(layer, inputs, normalized_numba),
        kernels=kernels,
        in_place=in_place,
    )


def affine(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, Array]:
    """gamma and beta with their sample axes; those that are absent are 1 and 0. inputs: without absent ones."""
    found = [np.ones((1, 1), np.float32), np.zeros((1, 1), np.float32)]
    present = iter(inputs[1:])
    for k, position in enumerate((GAMMA, BETA)):
        if layer.optional_input(position) is not None:
            found[k] = next(present)
    return found[0], found[1]


def normalization_rules(
    gamma: str, beta: str, low_rank: int, shape: Callable[[Layer], Shape], *first: Rule
) -> tuple[Rule, ...]:
    """gamma, beta: their names here; shape: theirs, which may rely on the rules `first`. low_rank: of x."""
    names = (gamma, beta)

    def violation(layer: Layer) -> str | None:
        for name, position in zip(names, (GAMMA, BETA), strict=True):
            tensor = layer.optional_input(position)
            if tensor is not None and tensor.shape != shape(layer):
                return f"{name} has the shape {tensor.shape}, must have {shape(layer)}"
        return None

    def broken(layer: Layer) -> Layer:
        scale = layer.input(GAMMA)
        longer = dataclasses.replace(scale, shape=(*scale.shape, 2), data=None)
        return layer.replace(inputs=(layer.inputs[0], longer, *layer.inputs[2:]))

    return (
        Operands(1, 3),
        InputDtype("input", 0, ("float32",)),
        *(InputDtype(name, position, ("float32",)) for name, position in zip(names, (GAMMA, BETA), strict=True)),
        OutputDtype(("float32",)),
        NotEmpty(),
        Finite(),
        Rank("input", 0, low_rank, MAX_RANK),
        NOT_NEGATIVE,
        *first,
        Custom(f"{' and '.join(names)} have the shape of what they scale and shift", violation, broken),
        OutputShape(same_shape),
    )


def _epsilon_violation(layer: Layer) -> str | None:
    epsilon = layer.attributes.epsilon
    return None if math.isfinite(epsilon) and epsilon >= 0 else f"epsilon is {epsilon:g}, must be 0 or more"


def _break_epsilon(layer: Layer) -> Layer:
    return layer.replace(attributes=dataclasses.replace(layer.attributes, epsilon=-1.0))


NOT_NEGATIVE = Custom("epsilon is 0 or more", _epsilon_violation, _break_epsilon)


def macc(layer: Layer) -> int:
    """Six per element: a sum; a difference and its square; a difference, a product, a scale and shift."""
    return 6 * layer.input(0).elements


def group_params(layer: Layer, count: int, *, step: int, affine_step: int) -> dict[str, Value]:
    """struct simref_group_f32 of runtime_c/normalize_f32.h as the member `group`."""
    return {
        "group.count": count,
        "group.step": step,
        "group.affine_step": affine_step,
        "group.epsilon": float(layer.attributes.epsilon),
    }


def in_place(layer: Layer) -> tuple[int, ...]:
    """A group is read through before it is written, element by element."""
    return (0,)
