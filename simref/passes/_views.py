"""Layers that show the same bytes in another shape."""

from __future__ import annotations

from simref.graph import Layer, Tensor
from simref.ops import OPERATORS, operator, violation


def is_view(layer: Layer) -> bool:
    """Whether the output has the bytes of input 0, as the operator says by needing no kernel."""
    if layer.op not in OPERATORS or len(layer.outputs) != 1 or not has_type_of_input(layer):
        return False
    if layer.input(0).elements != layer.output.elements or violation(layer) is not None:
        return False
    form = operator(layer.op).form(layer)
    return form.in_place(layer) == (0,) and not form.kernels(layer)


def has_type_of_input(layer: Layer) -> bool:
    """Whether input 0 and the output have one dtype and quantization."""
    x = layer.optional_input(0)
    return x is not None and x.dtype == layer.output.dtype and _quantization(x) == _quantization(layer.output)


def _quantization(tensor: Tensor) -> tuple[list[float], list[int], int | None] | None:
    q = tensor.quantization
    return None if q is None else (q.scale.tolist(), q.zero_point.tolist(), q.axis)
