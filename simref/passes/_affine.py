"""Layers that scale and shift channels by constants, in exact terms: y[..., c] = x[..., c] * scale[c] + offset[c]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simref.graph import Array, Layer
from simref.ops._activation import Activation

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Affine:
    """scale and offset: float64 of shape (channels,)."""

    scale: Float64
    offset: Float64

    def then(self, other: Affine) -> Affine:
        """The two as one, this one first."""
        return Affine(self.scale * other.scale, self.offset * other.scale + other.offset)


def identity(channels: int) -> Affine:
    """What changes nothing."""
    return Affine(np.ones(channels), np.zeros(channels))


def activation_of(layer: Layer) -> Activation:
    """The activation fused into the layer, NONE where it has no such thing."""
    found = getattr(layer.attributes, "activation", Activation.NONE)
    return found if isinstance(found, Activation) else Activation.NONE


def affine_of(layer: Layer) -> tuple[int, Affine] | None:
    """The position of the computed operand of a float32 layer, and what the layer does to it before its activation.

    None for a layer that does anything else. Constants are those of a normalization or of ADD, SUB, MUL and DIV, one
    for all channels or one for each.
    """
    stored = [position for position, tensor in enumerate(layer.inputs) if tensor is not None and tensor.is_constant]
    if layer.output.dtype != np.float32:
        return None
    if layer.op == "BATCH_NORMALIZATION" and stored == [1, 2]:
        return 0, Affine(layer.constant(1).astype(np.float64), layer.constant(2).astype(np.float64))
    if layer.op not in ("ADD", "SUB", "MUL", "DIV") or len(stored) != 1:
        return None
    x = 1 - stored[0]
    constant = _per_channel(layer.constant(stored[0]), layer.input(x).shape)
    found = None if constant is None else _arithmetic(layer.op, x, constant)
    return None if found is None else (x, found)


def _per_channel(constant: Array, shape: tuple[int, ...]) -> Float64 | None:
    """The constant as one value for each channel; None where it has more, or would widen the shape."""
    channels = shape[-1] if shape else 1
    if constant.ndim > max(len(shape), 1) or constant.size not in (1, channels):
        return None
    if constant.size > 1 and constant.shape[-1] != channels:
        return None
    return np.broadcast_to(constant.astype(np.float64).ravel(), channels)


def _arithmetic(op: str, x: int, constant: Float64) -> Affine | None:
    """x: the position of the computed operand."""
    one, zero = np.ones_like(constant), np.zeros_like(constant)
    if op == "ADD":
        return Affine(one, constant)
    if op == "SUB":
        return Affine(one, -constant) if x == 0 else Affine(-one, constant)
    if op == "MUL":
        return Affine(constant, zero)
    return Affine(1 / constant, zero) if x == 0 and constant.all() else None
