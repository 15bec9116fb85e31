"""y[o, k, i] = x[o, indices[o, k, i], i]: each element has an index of its own along `axis`."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simref.graph import Array, Layer, Shape
from simref.ops._gather import gather_rules, indices_operand, resolved, run_params
from simref.ops._op import Form, KernelCall, Op, equation_of, never_in_place, no_macc
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


def _with_axis_outside(layer: Layer) -> Layer:
    axis = len(layer.input(0).shape)
    return layer.replace(attributes=dataclasses.replace(layer.attributes, axis=axis))


def _size(layer: Layer) -> int:
    return layer.input(0).shape[int(layer.attributes.axis)]


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The indices' shape."""
    return (layer.input(1).shape,)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """NumPy's take_along_axis; what is stored is shared by all samples."""
    x, indices = inputs[0], resolved(inputs[1], _size(layer))
    return (np.take_along_axis(x, indices, axis=layer.attributes.axis + 1),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call, the dimensions around the axis each as one."""
    axis, shape = layer.attributes.axis, layer.output.shape
    params = run_params(layer, 1) | {
        "outer": math.prod(shape[:axis]),
        "count": shape[axis],
        "inner": math.prod(shape[axis + 1 :]),
        "size": _size(layer),
    }
    return (KernelCall(kernel="gather_elements", params=params, operands=(0, indices_operand(layer, _size(layer)))),)


OP = Op(
    name="GATHER_ELEMENTS",
    equation=equation_of(__doc__),
    tflite=None,
    macc=no_macc,
    forms=(
        Form(
            rounding="none: data movement",
            rules=gather_rules(
                Custom("both shapes agree in all dimensions but `axis`", _misfit, _with_axis_outside),
                _size,
                output_shapes,
            ),
            reference=reference,
            numba=None,
            kernels=kernels,
            in_place=never_in_place,
        ),
    ),
)
