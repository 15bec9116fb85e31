"""What converters of ONNX nodes work with: values by name, and the graph that they add layers to."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array, Quantization, Shape
from simref.importers.onnx.layers import Layers
from simref.importers.onnx.layout import (
    Order,
    broadcast_order,
    gathered_order,
    inverse,
    moves_elements,
    permuted,
    plain,
    reshaped_order,
)
from simref.importers.onnx.reader import Node
from simref.importers.onnx.value import Value, constant, content, permuted_scales, regrouped_scales
from simref.ops.reshape import Attributes as Reshape
from simref.ops.transpose import Attributes as Transpose

# Types that no layer computes with: float32 takes their place.
REPLACED = ("float16", "float64")

Converter = Callable[["Context", Node], Sequence[Value]]


@dataclass
class Context(Layers):
    """One import: the graph in the making and the values that nodes have computed so far.

    quantizations: of float32 constants that the model stores as integers, by their tensors.
    originals: float16 and float64 tensors, by the float32 ones that were made of them to compute with.
    replaced: the types of the file that are computed as float32.
    """

    values: dict[str, Value] = field(default_factory=dict)
    quantizations: dict[int, Quantization] = field(default_factory=dict)
    originals: dict[int, int] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    _arranged: dict[tuple[int, Order, Shape, Order], int] = field(default_factory=dict)
    _constants: dict[tuple[object, ...], int] = field(default_factory=dict)

    def given(self, node: Node, position: int) -> Value | None:
        """An input as the file has it, None where it is absent.

        Raises ModelError for a name that nothing has written before.
        """
        if not node.has(position):
            return None
        name = node.inputs[position]
        if name not in self.values:
            raise ModelError(f'{node}: its input "{name}" is not written by a node before it')
        return self.values[name]

    def optional(self, node: Node, position: int) -> Value | None:
        """An input that may be absent, to compute with: float16 and float64 constants as float32."""
        value = self.given(node, position)
        if value is None or value.data is None or value.dtype.name not in REPLACED:
            return value
        self.replaced.add(value.dtype.name)
        with np.errstate(over="ignore"):
            return constant(value.name, value.data.astype(np.float32), value.quantization)

    def operand(self, node: Node, position: int) -> Value:
        """An input that must be there."""
        value = self.optional(node, position)
        if value is None:
            raise ModelError(f"{node}: input {position} is missing")
        return value

    def operands(self, node: Node) -> list[Value]:
        """All inputs."""
        if not node.inputs:
            raise ModelError(f"{node}: it has no inputs, must have at least one")
        return [self.operand(node, position) for position in range(len(node.inputs))]

    def constant(self, node: Node, position: int, what: str) -> Array | None:
        """The value of an optional input that must be known at import."""
        value = self.optional(node, position)
        if value is None:
            return None
        if value.data is None:
            raise UnsupportedError(f"{node}: {what} is computed at run time, must be a constant")
        return value.data

    def integers(self, node: Node, name: str, position: int) -> tuple[int, ...] | None:
        """Integers given as the attribute, as in older opsets, or as a constant input."""
        if isinstance(node.attributes.get(name), int):
            return (int(node.attributes[name]),)
        if name in node.attributes:
            found: tuple[int, ...] = node.get(name, ())
            return found
        data = self.constant(node, position, name)
        if data is None:
            return None
        if data.dtype.kind not in "iu" or data.ndim > 1:
            raise ModelError(f"{node}: {name} is {data.dtype} of shape {data.shape}, must be a list of integers")
        return tuple(int(n) for n in data.reshape(-1))

    def axes(self, node: Node, value: Value, position: int) -> tuple[int, ...] | None:
        """The attribute or input `axes`, counted from the front."""
        found = self.integers(node, "axes", position)
        if found is None:
            return None
        axes = tuple(value.axis(node, axis) for axis in found)
        if len(set(axes)) != len(axes):
            raise ModelError(f"{node}: its axes {found} name a dimension twice")
        return axes

    def stored(self, value: Value) -> Shape:
        """The shape of a computed value's tensor."""
        return self.builder.shape(value.tensor)

    def base(self, value: Value) -> Shape:
        """The tensor's dimensions in the model's order: the value's shape, or what is still to be reshaped to it."""
        return permuted(self.stored(value), inverse(value.order))

    def computed(self, node: Node, tensor: int, order: Order, shape: Shape | None = None) -> Value:
        """A value that a layer wrote in that order. shape: where it is still to be reshaped."""
        stored = self.builder.tensors[tensor]
        shape = permuted(stored.shape, inverse(order)) if shape is None else shape
        return Value(node.name, shape, stored.dtype, tensor, order)

    def settled(self, node: Node, value: Value) -> Value:
        """The value with nothing left to reshape, in its own order."""
        if value.data is not None or self.base(value) == value.shape:
            return value
        order = self.order(value)
        return self.computed(node, self.arranged(node, value, order), order)

    def order(self, value: Value) -> Order:
        """The order that the value is stored in, or the nearest one to it where it is still to be reshaped."""
        if value.data is not None:
            return plain(value.rank)
        base = self.base(value)
        return value.order if base == value.shape else gathered_order(base, value.order, value.shape)

    def arranged(self, node: Node, value: Value, order: Order) -> int:
        """A tensor that holds the value in that order: the value's own where it can be."""
        if value.data is not None:
            return self._stored_constant(node, value, order)
        key = (value.tensor, value.order, value.shape, order)
        if key not in self._arranged:
            self._arranged[key] = self._made(node, value, order)
        return self._arranged[key]

    def _made(self, node: Node, value: Value, order: Order) -> int:
        """The tensor moved to that order, by one transpose where the reshape before it can come after it."""
        base = self.base(value)
        if base != value.shape:
            before = reshaped_order(value.shape, order, base)
            if before is None:
                flat = self._made(node, value, plain(value.rank))
                return self._made(node, self.computed(node, flat, plain(value.rank)), order)
            moved = self._transposed(node, value.tensor, tuple(value.order.index(axis) for axis in before))
            return self._reshaped(node, moved, permuted(value.shape, order))
        return self._transposed(node, value.tensor, tuple(value.order.index(axis) for axis in order))

    def plain(self, node: Node, value: Value) -> int:
        """A tensor that holds the value as the model sees it."""
        return self.arranged(node, value, plain(value.rank))

    def _transposed(self, node: Node, tensor: int, permutation: Order) -> int:
        if permutation == plain(len(permutation)):
            return tensor
        shape = self.builder.shape(tensor)
        if not moves_elements(shape, permutation):
            return self._reshaped(node, tensor, permuted(shape, permutation))
        return self.layer(node, "TRANSPOSE", [tensor], Transpose(permutation), suffix="/transpose")

    def _reshaped(self, node: Node, tensor: int, shape: Shape) -> int:
        if self.builder.shape(tensor) == shape:
            return tensor
        return self.layer(node, "RESHAPE", [tensor], Reshape(shape), suffix="/reshape")

    def reshape(self, node: Node, value: Value, shape: Shape) -> Value:
        """The value in another shape: a view where its order allows it, else a reshape that is left for later."""
        if value.data is not None:
            return constant(value.name, value.data.reshape(shape), regrouped_scales(value, shape))
        base = self.base(value)
        order = reshaped_order(base, value.order, shape)
        if order is None:
            return dataclasses.replace(value, name=node.name, shape=shape)
        return self.computed(node, self._reshaped(node, value.tensor, permuted(shape, order)), order)

    def transpose(self, node: Node, value: Value, permutation: Order) -> Value:
        """The value with its dimensions permuted: no element moves."""
        if value.data is not None:
            scales = permuted_scales(value.quantization, permutation)
            return constant(value.name, value.data.transpose(permutation), scales)
        now = self.settled(node, value)
        places = inverse(permutation)
        return self.computed(node, now.tensor, tuple(places[axis] for axis in now.order))

    def _stored_constant(self, node: Node, value: Value, order: Order) -> int:
        assert value.data is not None
        if value.data.dtype.kind == "f" and np.isnan(value.data).any():
            raise UnsupportedError(f'{node}: its constant "{value.name}" holds NaN, must hold numbers')
        data = np.ascontiguousarray(value.data.transpose(order)).reshape(permuted(value.shape, order))
        quantization = permuted_scales(value.quantization, order)
        key = content(data, quantization)
        if key not in self._constants:
            self._constants[key] = self.builder.constant(self.unique(value.name), data)
            if quantization is not None:
                self.quantizations[self._constants[key]] = quantization
        return self._constants[key]

    def map(self, node: Node, op: str, value: Value, attributes: Any = None, **options: Any) -> Value:
        """The value of an elementwise layer: order and pending reshape stay."""
        if value.data is not None:
            value = self.computed(node, self.plain(node, value), plain(value.rank))
        tensor = self.layer(node, op, [value.tensor], attributes, **options)
        return self.computed(node, tensor, value.order, value.shape)

    def cast(self, node: Node, value: Value, dtype: str) -> Value:
        """The value as another type; float16 and float64 are rounded to, then computed with as float32."""
        original = self.original(value)
        if dtype == original.dtype.name or (dtype in ("float32", "float64") and value.dtype == np.float32):
            return value
        if dtype not in REPLACED:
            return self.map(node, "CAST", original, dtype=dtype)
        return self.replacement(node, self.map(node, "CAST", original, dtype=dtype))

    def original(self, value: Value) -> Value:
        """The float16 or float64 value that this one was made of, or itself."""
        tensor = self.originals.get(value.tensor)
        if tensor is None:
            return value
        return dataclasses.replace(value, tensor=tensor, dtype=self.builder.tensors[tensor].dtype)

    def replacement(self, node: Node, value: Value) -> Value:
        """A float16 or float64 value as the float32 one to compute with; any other value itself."""
        if value.dtype.name not in REPLACED:
            return value
        self.replaced.add(value.dtype.name)
        made = self.map(node, "CAST", value, dtype="float32", suffix="/float32")
        self.originals[made.tensor] = value.tensor
        return made

    def unified(self, node: Node, values: Sequence[Value]) -> tuple[list[int], Order, Shape]:
        """Operands of a layer that broadcasts: their tensors, the order they share, and the shape of the result."""
        try:
            shape = np.broadcast_shapes(*(value.shape for value in values))
        except ValueError as error:
            shapes = " and ".join(str(value.shape) for value in values)
            raise ModelError(f"{node}: its operands have the shapes {shapes}, must be equal or 1") from error
        if self._reshapes_may_wait(values):
            order = next(value.order for value in values if value.data is None)
            return [self._tensor_or_scalar(node, value) for value in values], order, shape
        order = self._cheapest_order(values, len(shape))
        # One operand must keep all dimensions of the result; constants of fewer dimensions read better without.
        trim = any(value.data is None and (order != plain(len(shape)) or value.rank == len(shape)) for value in values)
        return [self._broadcastable(node, value, order, trim) for value in values], order, shape

    def _cheapest_order(self, values: Sequence[Value], rank: int) -> Order:
        """The order of one of the operands in which the fewest elements of the others have to move."""
        computed = [value for value in values if value.data is None]
        orders = [(broadcast_order(self.order(value), rank), math.prod(value.shape)) for value in computed]
        candidates = [order for order, _ in orders] or [plain(rank)]
        return min(candidates, key=lambda order: sum(elements for other, elements in orders if other != order))

    def _reshapes_may_wait(self, values: Sequence[Value]) -> bool:
        """All computed operands are alike and still to be reshaped, and the others are scalars."""
        computed = [value for value in values if value.data is None]
        if not computed or any(value.data is not None and value.data.size > 1 for value in values):
            return False
        kinds = {(value.shape, value.order, self.base(value)) for value in computed}
        return len(kinds) == 1 and self.base(computed[0]) != computed[0].shape

    def _tensor_or_scalar(self, node: Node, value: Value) -> int:
        if value.data is None:
            return value.tensor
        return self._stored_constant(node, dataclasses.replace(value, data=value.data.reshape(1), shape=(1,)), (0,))

    def _broadcastable(self, node: Node, value: Value, order: Order, trim: bool) -> int:
        """The value with leading dimensions of size 1 up to the order's rank, in that order.

        trim: leave the leading dimensions of size 1 of a constant away.
        """
        rank = len(order)
        shape = (1,) * (rank - value.rank) + value.shape
        if value.data is not None:
            data = value.data.reshape(shape).transpose(order)
            leading = next((k for k, n in enumerate(data.shape) if n != 1), max(rank - 1, 0)) if trim else 0
            per_tensor = value.quantization if value.quantization and value.quantization.axis is None else None
            trimmed = constant(value.name, data.reshape(data.shape[leading:]), per_tensor)
            return self._stored_constant(node, trimmed, plain(trimmed.rank))
        if order == plain(rank):
            return self.plain(node, value)
        return self.arranged(node, value if value.shape == shape else self.reshape(node, value, shape), order)
