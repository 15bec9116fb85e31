"""y[b, k] = x[b, indices[b, k, 0], indices[b, k, 1], …]: elements or slices, each at a place of its own."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.graph import Array, Layer, Shape
from simref.ops._gather import gather_form, indices_operand, resolved, run_params
from simref.ops._op import KernelCall, Op, TFLiteBinding, equation_of, no_macc
from simref.ops._rules import Custom


@dataclass(frozen=True)
class Attributes:
    """batch_dims: so many leading dimensions of x and of the indices are walked together."""

    batch_dims: int = 0


def attributes(options: Any, layer: Layer) -> Attributes:
    """TFLite's operator has no batch dimensions."""
    return Attributes()


def _misfit(layer: Layer) -> str | None:
    batch, x, indices = layer.attributes.batch_dims, layer.input(0).shape, layer.input(1).shape
    if not 0 <= batch < len(indices) or x[:batch] != indices[:batch]:
        return f"batch_dims is {batch} for the shapes {x} and {indices}, which must begin with so many equal dimensions"
    if not 1 <= indices[-1] <= len(x) - batch:
        return f"each place has {indices[-1]} indices, must have 1 to {len(x) - batch}"
    return None


def _with_deep_indices(layer: Layer) -> Layer:
    x, indices = layer.input(0), layer.input(1)
    deep = dataclasses.replace(indices, shape=(*indices.shape[:-1], len(x.shape) + 1), data=None)
    return layer.replace(inputs=(x, deep))


def _sizes(layer: Layer) -> Shape:
    batch, depth = layer.attributes.batch_dims, layer.input(1).shape[-1]
    return layer.input(0).shape[batch : batch + depth]


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The indices' shape without its last dimension, then the dimensions of x that no index names."""
    x, indices = layer.input(0).shape, layer.input(1).shape
    return ((*indices[:-1], *x[layer.attributes.batch_dims + indices[-1] :]),)


def _extents(layer: Layer) -> tuple[int, int, int]:
    """Batches, places in each, and elements at each place."""
    batch, x, indices = layer.attributes.batch_dims, layer.input(0).shape, layer.input(1).shape
    return math.prod(x[:batch]), math.prod(indices[batch:-1]), math.prod(x[batch + indices[-1] :])


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Each place as one index into the indexed dimensions, which are seen as one."""
    sizes, (batches, count, inner) = _sizes(layer), _extents(layer)
    x = inputs[0].reshape(-1, batches, math.prod(sizes), inner)
    places = np.moveaxis(resolved(inputs[1], sizes), -1, 0)
    flat = np.ravel_multi_index(tuple(places), sizes).reshape(-1, batches, count, 1)
    y = np.take_along_axis(x, flat, axis=2)
    return (y.reshape(len(y), *layer.output.shape),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call."""
    sizes, (batches, count, inner) = _sizes(layer), _extents(layer)
    item = layer.input(0).dtype.itemsize
    params = run_params(layer, inner) | {
        "batches": batches,
        "outer": 1,
        "outer_step": math.prod(sizes) * inner * item,
        "count": count,
        "depth": len(sizes),
        "size": sizes,
        "step": [math.prod(sizes[k + 1 :]) * inner * item for k in range(len(sizes))],
    }
    return (KernelCall(kernel="gather", params=params, operands=(0, indices_operand(layer, sizes))),)


OP = Op(
    name="GATHER_ND",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(attributes=attributes),
    macc=no_macc,
    forms=(
        gather_form(
            Custom("batch_dims and the number of indices fit both shapes", _misfit, _with_deep_indices),
            _sizes,
            output_shapes,
            reference,
            kernels,
        ),
    ),
)
