"""y[b, o, k, i] = x[b, o, indices[b, k], i]: slices of x along `axis`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.errors import ModelError
from simref.graph import Array, Layer, Shape
from simref.ops._gather import axis_size, gather_form, indices_operand, resolved, run_params
from simref.ops._op import KernelCall, Op, TFLiteBinding, equation_of, no_macc
from simref.ops._rows import with_axis_outside
from simref.ops._rules import Custom
from simref.ops._stored import resolve_axis


@dataclass(frozen=True)
class Attributes:
    """axis: the dimension that the indices point into, counted from the front.

    batch_dims: so many leading dimensions of x and of the indices are walked together; at most `axis`.
    """

    axis: int
    batch_dims: int = 0


def attributes(options: Any, layer: Layer) -> Attributes:
    """The options' axis and batch dimensions, counted from the front; without options both are 0."""
    if options is None:
        return Attributes(0)
    batch_dims = options.BatchDims()
    rank = len(layer.input(1).shape)
    if not -rank <= batch_dims <= rank:
        raise ModelError(f"batch_dims is {batch_dims}, must be {-rank} to {rank}")
    axis = resolve_axis(options.Axis(), len(layer.input(0).shape))
    return Attributes(axis, batch_dims + rank if batch_dims < 0 else batch_dims)


def _misfit(layer: Layer) -> str | None:
    a, x, indices = layer.attributes, layer.input(0).shape, layer.input(1).shape
    if not 0 <= a.batch_dims <= a.axis < len(x):
        return f"axis is {a.axis} and batch_dims {a.batch_dims}, must be batch_dims <= axis < {len(x)}"
    if x[: a.batch_dims] != indices[: a.batch_dims] or a.batch_dims > len(indices):
        return f"shapes are {x} and {indices}, must begin with the same {a.batch_dims} dimensions"
    return None


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The input's shape, the axis replaced by the indices' dimensions behind the batch."""
    a, x, indices = layer.attributes, layer.input(0).shape, layer.input(1).shape
    return ((*x[: a.axis], *indices[a.batch_dims :], *x[a.axis + 1 :]),)


def _extents(layer: Layer) -> tuple[int, int, int, int, int]:
    """Sizes of x as (batch, outer, axis, inner), and how many indices each batch has."""
    a, x, indices = layer.attributes, layer.input(0).shape, layer.input(1).shape
    outer, inner = math.prod(x[a.batch_dims : a.axis]), math.prod(x[a.axis + 1 :])
    return math.prod(x[: a.batch_dims]), outer, x[a.axis], inner, math.prod(indices[a.batch_dims :])


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Samples and batch, outer and inner dimensions each as one."""
    batches, outer, size, inner, count = _extents(layer)
    x = inputs[0].reshape(-1, batches, outer, size, inner)
    indices = resolved(inputs[1], size).reshape(-1, batches, 1, count, 1)
    y = np.take_along_axis(x, indices, axis=3)
    return (y.reshape(len(y), *layer.output.shape),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call."""
    batches, outer, size, inner, count = _extents(layer)
    params = run_params(layer, inner) | {
        "batches": batches,
        "outer": outer,
        "outer_step": size * inner * layer.input(0).dtype.itemsize,
        "count": count,
        "depth": 1,
        "size": [size],
        "step": [inner * layer.input(0).dtype.itemsize],
    }
    return (KernelCall(kernel="gather", params=params, operands=(0, indices_operand(layer, size))),)


OP = Op(
    name="GATHER",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="GatherOptions", attributes=attributes),
    macc=no_macc,
    forms=(
        gather_form(
            Custom("axis and batch_dims fit both shapes", _misfit, with_axis_outside),
            axis_size,
            output_shapes,
            reference,
            kernels,
        ),
    ),
)
