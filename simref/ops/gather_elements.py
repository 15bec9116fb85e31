"""y[o, k, i] = x[o, indices[o, k, i], i]: each element has an index of its own along `axis`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simref.graph import Array, Layer, Shape
from simref.ops._gather import axis_size, gather_form, indices_operand, resolved, run_params
from simref.ops._op import KernelCall, Op, equation_of, no_macc
from simref.ops._rows import with_axis_outside
from simref.ops._rules import Custom


@dataclass(frozen=True)
class Attributes:
    """axis: the dimension that the indices point into, counted from the front."""

    axis: int


def _misfit(layer: Layer) -> str | None:
    axis, x, indices = layer.attributes.axis, layer.input(0).shape, layer.input(1).shape
    if not 0 <= axis < len(x) == len(indices):
        return f"axis is {axis} of {len(x)} dimensions, with {len(indices)} of the indices; must be one of equally many"
    if (*x[:axis], *x[axis + 1 :]) != (*indices[:axis], *indices[axis + 1 :]):
        return f"shapes are {x} and {indices}, must agree but for dimension {axis}"
    return None


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The indices' shape."""
    return (layer.input(1).shape,)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """NumPy's take_along_axis; what is stored is shared by all samples."""
    x, indices = inputs[0], resolved(inputs[1], axis_size(layer))
    return (np.take_along_axis(x, indices, axis=layer.attributes.axis + 1),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call, the dimensions around the axis each as one."""
    axis, shape, size = layer.attributes.axis, layer.output.shape, axis_size(layer)
    params = run_params(layer, 1) | {
        "outer": math.prod(shape[:axis]),
        "count": shape[axis],
        "inner": math.prod(shape[axis + 1 :]),
        "size": size,
    }
    return (KernelCall(kernel="gather_elements", params=params, operands=(0, indices_operand(layer, size))),)


OP = Op(
    name="GATHER_ELEMENTS",
    equation=equation_of(__doc__),
    tflite=None,
    macc=no_macc,
    forms=(
        gather_form(
            Custom("both shapes agree in all dimensions but `axis`", _misfit, with_axis_outside),
            axis_size,
            output_shapes,
            reference,
            kernels,
        ),
    ),
)
