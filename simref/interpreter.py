"""The reference simulator: a graph and its inputs to every tensor, in NumPy or with Numba twins, bit for bit alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from simref.errors import UsageError
from simref.graph import Array, Graph, Tensor
from simref.ops import operator

Engine = Literal["numpy", "numba"]
Inputs = Array | Sequence[Array] | Mapping[str, Array]


def run(graph: Graph, inputs: Inputs, *, engine: Engine = "numba", fused: bool = True) -> list[Array]:
    """Return the graph's outputs, each of shape (samples, *tensor.shape) and its tensor's dtype.

    inputs: one array (a single-input graph), a sequence in the graph's order, or a mapping by tensor name. Each has
        its tensor's dtype and the shape (samples, *tensor.shape), or tensor.shape for one sample.
    engine: "numba" compiles the heavy kernels on first use, then runs them several times faster than "numpy"; both
        agree in every bit.
    fused: sums of float32 products as cores with an FPU compute them (fused multiply-add), or as cores without one do.
    Raises UsageError for inputs that do not fit.
    """
    values = run_all(graph, inputs, engine=engine, fused=fused, keep_all=False)
    return [values[index] for index in graph.outputs]


def run_all(
    graph: Graph, inputs: Inputs, *, engine: Engine = "numpy", fused: bool = True, keep_all: bool = True
) -> dict[int, Array]:
    """Return every computed tensor by its index, each with a leading sample axis.

    keep_all: False drops a tensor after its last use, all but the graph's outputs.
    """
    values = bind_inputs(graph, inputs)
    last_use = _last_uses(graph)
    for position, (node, layer) in enumerate(zip(graph.nodes, graph.layers, strict=True)):
        form = operator(node.op).form(layer)
        compute = form.numba if engine == "numba" and form.numba is not None else form.reference
        arrays = [_value(graph, values, index) for index in node.inputs if index is not None]
        for index, result in zip(node.outputs, compute(layer.replace(fused=fused), arrays), strict=True):
            values[index] = result
        if not keep_all:
            for used in (*node.inputs, *node.outputs):
                if used is not None and last_use.get(used, -1) <= position:
                    values.pop(used, None)
    for index in graph.outputs:
        if index not in values:
            values[index] = _value(graph, values, index)
    return values


def bind_inputs(graph: Graph, inputs: Inputs) -> dict[int, Array]:
    """Check the inputs and return them by tensor index, each with a leading sample axis."""
    tensors = [graph.tensors[index] for index in graph.inputs]
    if isinstance(inputs, Mapping):
        absent = [t.name for t in tensors if t.name not in inputs]
        if absent:
            names = ", ".join(f'"{t.name}"' for t in tensors)
            raise UsageError(f'input "{absent[0]}" is missing; the model\'s inputs are {names}')
        arrays = [np.asarray(inputs[t.name]) for t in tensors]
    elif isinstance(inputs, np.ndarray):
        arrays = [inputs]
    else:
        arrays = [np.asarray(a) for a in inputs]
    if len(arrays) != len(tensors):
        raise UsageError(f"got {len(arrays)} input arrays, the model has {len(tensors)} inputs")
    bound = [_sampled(tensor, array) for tensor, array in zip(tensors, arrays, strict=True)]
    samples = {array.shape[0] for array in bound}
    if len(samples) > 1:
        raise UsageError(f"the inputs hold {sorted(samples)} samples, must hold equally many")
    return dict(zip(graph.inputs, bound, strict=True))


def _sampled(tensor: Tensor, array: Array) -> Array:
    if array.shape == tensor.shape:
        array = array[np.newaxis]
    if array.shape[1:] != tensor.shape:
        raise UsageError(
            f'input "{tensor.name}" has shape {array.shape}, must be {tensor.shape} or (samples, *{tensor.shape})'
        )
    if array.dtype != tensor.dtype:
        raise UsageError(f'input "{tensor.name}" is {array.dtype}, must be {tensor.dtype}')
    return array


def _value(graph: Graph, values: dict[int, Array], index: int) -> Array:
    if index in values:
        return values[index]
    data = graph.tensors[index].data
    if data is None:
        raise ValueError(f'tensor "{graph.tensors[index].name}" is read before it is written')
    return data[np.newaxis]


def _last_uses(graph: Graph) -> dict[int, int]:
    uses = {index: position for position, node in enumerate(graph.nodes) for index in node.inputs if index is not None}
    return uses | dict.fromkeys(graph.outputs, len(graph.nodes))
