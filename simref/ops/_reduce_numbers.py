"""Forms of the reductions for float32, int32 and int64: one walk, in which only the step from x to y differs.

A float32 sum or product is one lane: it starts at 0 or 1 and takes the reduced elements one by one in row-major order.
Integers wrap around. Of equal extremes, such as 0.0 and -0.0, the first is kept; a NaN is passed over by the others
unless it comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simref.graph import Array, Layer
from simref.ops._numbers import TYPE_NAMES
from simref.ops._op import Form, KernelCall, Value, never_in_place
from simref.ops._reduce import MAX_RANK, merged_loops, output_shapes, reduced_elements, sample_axes
from simref.ops._rules import InputDtype, NotEmpty, NotQuantized, Operands, OutputDtype, OutputShape, Rank, Rule
from simref.ops._walk import advances, padded_counts

NUMBERS = ("float32", "int32", "int64")
"""The dtypes."""

ONE_LANE = "float32: one lane in row-major order"
WRAPS = "none: integers wrap"
CHOSEN = "none: an element is chosen"

_OUTER_LOOPS = 2


def number_rules(dtype: str) -> tuple[Rule, ...]:
    """The rules of a reduction of one dtype to itself."""
    return (
        Operands(1),
        InputDtype("input", 0, (dtype,)),
        OutputDtype((dtype,)),
        NotQuantized(),
        NotEmpty(),
        Rank("input", 0, 1, MAX_RANK),
        OutputShape(output_shapes),
    )


def _loops(loops: Sequence[tuple[int, int]], names: tuple[str, str], outer: str) -> dict[str, Value]:
    """The innermost loop by the two names, and those around it."""
    (count, step), *others = loops or [(1, 1)]
    counts, steps = [n for n, _ in others], [s for _, s in others]
    return {
        f"walk.{names[0]}": count,
        f"walk.{names[1]}": step,
        f"walk.{outer}_count": padded_counts(counts, _OUTER_LOOPS),
        f"walk.{outer}_advance": advances(counts, steps, _OUTER_LOOPS),
    }


def row_walk_params(layer: Layer) -> dict[str, Value]:
    """The fields of runtime_c/reduce_walk.h as the member `walk`."""
    kept, reduced = merged_loops(layer)
    return _loops(reduced, ("count", "step"), "reduced") | _loops(kept, ("kept", "kept_step"), "kept")


def in_order(layer: Layer, x: Array) -> Array:
    """x as (samples, kept elements, reduced elements), the last in row-major order."""
    axes = sample_axes(layer)
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    return x.transpose(*kept, *axes).reshape(len(x), -1, reduced_elements(layer))


def summed(x: Array) -> Array:
    """0 plus the elements of the last axis, one after the other, in x's dtype: NumPy's own sum goes in pairs."""
    # 0 + x differs from x only where that is -0.0, and -0.0 is left at the end only where all were.
    with np.errstate(all="ignore"):
        return np.asarray(np.add.accumulate(x, axis=-1, dtype=x.dtype)[..., -1] + x.dtype.type(0))


def multiplied(x: Array) -> Array:
    """1 times the elements of the last axis, one after the other, in x's dtype."""
    with np.errstate(all="ignore"):
        return np.asarray(np.multiply.accumulate(x, axis=-1, dtype=x.dtype)[..., -1])


def place_of_largest(x: Array) -> Array:
    """Where on the last axis the first of the largest elements is, a NaN passed over unless it comes first."""
    if x.dtype.kind == "f":
        x = np.where(np.isnan(x) & (np.arange(x.shape[-1]) > 0), np.float32(-np.inf), x)
    return np.asarray(x.argmax(axis=-1))


def place_of_smallest(x: Array) -> Array:
    """The same for the smallest."""
    if x.dtype.kind == "f":
        x = np.where(np.isnan(x) & (np.arange(x.shape[-1]) > 0), np.float32(np.inf), x)
    return np.asarray(x.argmin(axis=-1))


def largest(x: Array) -> Array:
    """The largest elements of the last axis."""
    return np.take_along_axis(x, place_of_largest(x)[..., np.newaxis], axis=-1)[..., 0]


def smallest(x: Array) -> Array:
    """The smallest elements of the last axis."""
    return np.take_along_axis(x, place_of_smallest(x)[..., np.newaxis], axis=-1)[..., 0]


def number_form(
    dtype: str,
    kernel: str,
    reduced: Callable[[Array], Array],
    rounding: str,
    params: Callable[[Layer], dict[str, Value]] = lambda layer: {},
) -> Form:
    """The form of one dtype.

    kernel: the C function, `kernel_f32` and the like. reduced: (samples, kept, reduced) elements -> (samples, kept).
    rounding: for the docs. params: the kernel's fields besides the walk.
    """

    def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
        return (reduced(in_order(layer, inputs[0])).reshape(-1, *layer.output.shape),)

    def kernels(layer: Layer) -> tuple[KernelCall, ...]:
        fields = row_walk_params(layer) | params(layer)
        return (KernelCall(kernel=f"{kernel}_{TYPE_NAMES[dtype]}", params=fields, operands=(0,)),)

    return Form(
        rounding=rounding,
        rules=number_rules(dtype),
        reference=reference,
        numba=None,
        kernels=kernels,
        in_place=never_in_place,
    )
