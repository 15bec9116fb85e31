"""A graph in the making: tensors and layers added one by one, shapes computed by the operators' own rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array, Graph, Layer, Node, Quantization, Shape, Tensor
from simref.ops import computed_shapes, violation


@dataclass
class GraphBuilder:
    """Collects what a graph is made of. Tensors are named by index, as in `Graph`."""

    name: str
    tensors: list[Tensor] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def input(self, name: str, shape: Shape, dtype: str = "float32", quantization: Quantization | None = None) -> int:
        """A new input of the graph; its index."""
        self.inputs.append(self.tensor(Tensor(name, tuple(shape), np.dtype(dtype), quantization)))
        return self.inputs[-1]

    def constant(self, name: str, data: Array, quantization: Quantization | None = None) -> int:
        """A new constant of the array's shape and dtype; its index."""
        contiguous = np.array(data, order="C", copy=True)
        return self.tensor(Tensor(name, contiguous.shape, contiguous.dtype, quantization, contiguous))

    def tensor(self, tensor: Tensor) -> int:
        """Add a tensor as it is; its index."""
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def layer(
        self,
        op: str,
        name: str,
        inputs: Sequence[int | None],
        attributes: Any = None,
        *,
        dtype: str | None = None,
        quantization: Quantization | None = None,
    ) -> int:
        """A new layer of one output; the output's index.

        dtype: of the output; None takes that of the first input. Raises UnsupportedError, naming the layer, where a
        rule of the operator is broken.
        """
        (output,) = self.layers(op, name, inputs, attributes, outputs=1, dtype=dtype, quantization=quantization)
        return output

    def layers(
        self,
        op: str,
        name: str,
        inputs: Sequence[int | None],
        attributes: Any = None,
        *,
        outputs: int,
        dtype: str | Sequence[str] | None = None,
        quantization: Quantization | None = None,
    ) -> tuple[int, ...]:
        """The same with any number of outputs, named `name`, `name:1` and so on; one dtype for all, or one for each."""
        bound = tuple(None if index is None else self.tensors[index] for index in inputs)
        first = next(tensor for tensor in bound if tensor is not None)
        dtypes = [dtype] * outputs if dtype is None or isinstance(dtype, str) else list(dtype)
        names = [name if k == 0 else f"{name}:{k}" for k in range(outputs)]
        unknown = [
            Tensor(n, (1,), first.dtype if d is None else np.dtype(d), quantization)
            for n, d in zip(names, dtypes, strict=True)
        ]
        layer = Layer(len(self.nodes), op, name, bound, tuple(unknown), attributes)
        shapes = computed_shapes(layer)
        if shapes is None:
            raise UnsupportedError(f"{layer}: {violation(layer)}. See 'simref supported-ops {op}'.")
        if len(shapes) != outputs:
            raise ModelError(f"{layer}: it has {outputs} outputs, must have {len(shapes)}")
        made = tuple(
            self.tensor(Tensor(t.name, shape, t.dtype, quantization)) for t, shape in zip(unknown, shapes, strict=True)
        )
        self.nodes.append(Node(op, name, tuple(inputs), made, attributes))
        return made

    def shape(self, index: int) -> Shape:
        """The shape of a tensor."""
        return self.tensors[index].shape

    def graph(self, outputs: Sequence[int]) -> Graph:
        """The graph of all that was added, with those outputs."""
        return Graph(
            self.name, tuple(self.tensors), tuple(self.nodes), tuple(self.inputs), tuple(outputs), tuple(self.notes)
        )
