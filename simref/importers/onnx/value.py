"""A value of an ONNX model during its import: a constant, or a tensor of the graph and how it is stored."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from simref.errors import ModelError
from simref.graph import Array, Quantization, Shape
from simref.importers.onnx.layout import Order
from simref.importers.onnx.reader import Node


@dataclass(frozen=True, eq=False)
class Value:
    """A value of the ONNX model: a constant, which has `data` in the model's order, or a tensor of the graph.

    shape, dtype: as the model sees it. tensor: the graph's; its dimensions, taken out of their stored `order`, are the
    value's own, or hold the same elements in the same sequence: then the value is a reshape that is still to be made.
    quantization: of a constant that the model stores as integers and dequantizes.
    """

    name: str
    shape: Shape
    dtype: np.dtype[Any]
    tensor: int = -1
    order: Order = ()
    data: Array | None = None
    quantization: Quantization | None = None

    @property
    def rank(self) -> int:
        """The number of dimensions that the model sees."""
        return len(self.shape)

    def axis(self, node: Node, axis: int) -> int:
        """An axis counted from the front. Raises ModelError where there is no such axis."""
        if not -self.rank <= axis < self.rank:
            raise ModelError(f"{node}: its axis is {axis}, must be in -{self.rank} to {self.rank - 1}")
        return axis % self.rank


def constant(name: str, data: Array, quantization: Quantization | None = None) -> Value:
    """A value that is known at import."""
    return Value(name, data.shape, data.dtype, data=data, quantization=quantization)


def content(data: Array, quantization: Quantization | None) -> tuple[object, ...]:
    """What tells constants apart: equal ones are stored once, whichever node reads them."""
    how = None
    if quantization is not None:
        how = (quantization.scale.tobytes(), quantization.zero_point.tobytes(), quantization.axis)
    return data.dtype.name, data.shape, sha256(data.tobytes()).digest(), how


def permuted_scales(quantization: Quantization | None, order: Order) -> Quantization | None:
    """The quantization of a constant whose dimensions were permuted."""
    if quantization is None or quantization.axis is None:
        return quantization
    return dataclasses.replace(quantization, axis=order.index(quantization.axis))


def regrouped_scales(value: Value, shape: Shape) -> Quantization | None:
    """The quantization of a constant in another shape: kept where its channels stay one dimension."""
    quantization = value.quantization
    if quantization is None or quantization.axis is None:
        return quantization
    kept = slice(quantization.axis + 1)
    return quantization if value.shape[kept] == shape[kept] else None
