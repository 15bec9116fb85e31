"""A network as values: tensors, nodes, and layers that bind the two. Shapes are static; images are NHWC."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simref.codebook import Codebook

Array = NDArray[Any]
Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Quantization:
    """Affine quantization: real = scale * (q - zero_point).

    scale: float32 of shape (1,) or (channels,); zero_point: int64 of the same shape.
    axis: the channel axis when quantized per channel, None when per tensor.
    """

    scale: NDArray[np.float32]
    zero_point: NDArray[np.int64]
    axis: int | None = None


@dataclass(frozen=True, eq=False)
class Tensor:
    """A named array of fixed shape and dtype; `data` holds its value when it is a constant.

    codebook: how compressed weights are stored; `data` is then what it decodes to.
    """

    name: str
    shape: Shape
    dtype: np.dtype[Any]
    quantization: Quantization | None = None
    data: Array | None = None
    codebook: Codebook | None = None

    @property
    def is_constant(self) -> bool:
        """True when the value is stored in the model."""
        return self.data is not None

    @property
    def elements(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """The size in bytes."""
        return self.elements * self.dtype.itemsize

    @property
    def per_channel(self) -> bool:
        """True when each index of one axis has its own scale."""
        return self.quantization is not None and self.quantization.axis is not None

    @property
    def scale(self) -> float:
        """The per-tensor scale: a float32 value, widened to a Python float as TFLite widens it to double."""
        return float(self._per_tensor().scale[0])

    @property
    def zero_point(self) -> int:
        """The per-tensor zero point."""
        return int(self._per_tensor().zero_point[0])

    def _per_tensor(self) -> Quantization:
        if self.quantization is None or self.quantization.axis is not None:
            raise ValueError(f'tensor "{self.name}" has no per-tensor quantization')
        return self.quantization


@dataclass(frozen=True)
class Node:
    """One operator of the graph. `inputs` and `outputs` index `Graph.tensors`; None is an absent input.

    attributes: the frozen dataclass its operator's module declares, or None where it has none.
    """

    op: str
    name: str
    inputs: tuple[int | None, ...]
    outputs: tuple[int, ...]
    attributes: Any = None


@dataclass(frozen=True)
class Layer:
    """A node with its tensors at hand: what an operator's functions take.

    fused: sums of float32 products use fused multiply-adds, as on cores with an FPU; otherwise each product is rounded
    before it is added, as on cores that compute floats in software.
    """

    index: int
    op: str
    name: str
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]
    attributes: Any = None
    fused: bool = True

    def __str__(self) -> str:
        return f'layer {self.index} {self.op} "{self.name}"'

    def input(self, position: int) -> Tensor:
        """The input at `position`, which the operator's rules have shown to be present."""
        tensor = self.inputs[position]
        if tensor is None:
            raise ValueError(f"{self} has no input {position}")
        return tensor

    def optional_input(self, position: int) -> Tensor | None:
        """The input at `position`, or None where the model leaves it out."""
        return self.inputs[position] if position < len(self.inputs) else None

    def constant(self, position: int) -> Array:
        """The stored value of the input at `position`, which the operator's rules have shown to be constant."""
        data = self.input(position).data
        if data is None:
            raise ValueError(f"{self}: input {position} is not a constant")
        return data

    @property
    def output(self) -> Tensor:
        """The first output, which for most operators is the only one."""
        return self.outputs[0]

    def replace(self, **changes: Any) -> Layer:
        """A copy with some fields changed."""
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True, eq=False)
class Graph:
    """A network: nodes in an order in which each reads only what was written before it.

    notes: what an importer changed in the file's network that a user must know, one line each.
    """

    name: str
    tensors: tuple[Tensor, ...]
    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    notes: tuple[str, ...] = ()

    @property
    def computes_floats(self) -> bool:
        """True when some layer writes float32, so that its bits may depend on `Layer.fused`."""
        return any(self.tensors[index].dtype == np.float32 for node in self.nodes for index in node.outputs)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """Every node bound to its tensors, in execution order."""
        return tuple(self._bind(index, node) for index, node in enumerate(self.nodes))

    def _bind(self, index: int, node: Node) -> Layer:
        inputs = tuple(None if i is None else self.tensors[i] for i in node.inputs)
        outputs = tuple(self.tensors[i] for i in node.outputs)
        return Layer(index, node.op, node.name, inputs, outputs, node.attributes)
