"""How far a float layer is from TFLite's on the inputs that TFLite gave it, so that errors of others do not count."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simref.graph import Array, Graph
from simref.ops import operator


def relative_error(found: Array, expected: Array) -> float:
    """The norm of the difference over that of the expected array."""
    a, b = (x.astype(np.float64).ravel() for x in (found, expected))
    return float(np.linalg.norm(a - b) / max(float(np.linalg.norm(b)), 1e-30))


def layer_errors(graph: Graph, expected: Mapping[str, Array], *, fused: bool) -> dict[str, float]:
    """The relative error of each tensor that TFLite has too, by its name.

    expected: TFLite's tensors by name, each with a leading sample axis. A layer reads what stands between layers here
    alone as the layers here compute it.
    """
    values, errors = dict(expected), {}
    for layer in graph.layers:
        fed = [
            tensor.data[np.newaxis] if tensor.data is not None else values[tensor.name].reshape(-1, *tensor.shape)
            for tensor in layer.inputs
            if tensor is not None
        ]
        form = operator(layer.op).form(layer)
        results = (form.numba or form.reference)(layer.replace(fused=fused), fed)
        for tensor, found in zip(layer.outputs, results, strict=True):
            if tensor.name in expected:
                errors[tensor.name] = relative_error(found, expected[tensor.name])
            else:
                values[tensor.name] = found
    return errors
