"""Integer layers in the place of DEQUANTIZE -> float layer -> QUANTIZE, as ONNX and PyTorch store quantized networks.

A float tensor that is the dequantized value of an int8 tensor is known by that tensor: DEQUANTIZE makes such tensors,
and operators that only move or pick elements hand the property on. A QUANTIZE behind a layer all of whose operands are
of this kind, or constants stored as integers, makes the layer an integer one that writes what the QUANTIZE would. Where
the operator's int8 form refuses it, the layer stays as it is, and a note says why.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.graph import Array, Graph, Layer, Node, Quantization, Tensor
from simref.ops import OPERATORS, violation
from simref.ops._activation import Activation
from simref.passes.remove_dead import remove_dead

_INT8 = np.dtype(np.int8)
_FLOAT = np.dtype(np.float32)
_WEIGHTED = frozenset(("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV"))
_MOVING = frozenset(
    (
        *("BROADCAST_TO", "CONCATENATION", "DEPTH_TO_SPACE", "EXPAND_DIMS", "GATHER", "MAX_POOL_2D", "MIRROR_PAD"),
        *("PACK", "PAD", "REDUCE_MAX", "REDUCE_MIN", "RESHAPE", "RESIZE_NEAREST_NEIGHBOR", "REVERSE_V2", "SLICE"),
        *("SPACE_TO_DEPTH", "SPLIT", "SQUEEZE", "STRIDED_SLICE", "TILE", "TRANSPOSE", "UNPACK"),
    )
)
# Their int8 forms write on the scale of their operands: the result, or the operands, go to another scale by QUANTIZE.
_ONE_SCALE = frozenset(("AVERAGE_POOL_2D", "RESIZE_BILINEAR"))
_COMMON_SCALE = frozenset(("CONCATENATION", "MAXIMUM", "MINIMUM", "PACK"))
_ACTIVATIONS = {
    "RELU": Activation.RELU,
    "RELU6": Activation.RELU6,
    "RELU_N1_TO_1": Activation.RELU_N1_TO_1,
}


def fuse_quantized(graph: Graph, stored: Mapping[int, Quantization]) -> Graph:
    """Return the graph with integer layers where QUANTIZE and DEQUANTIZE stood around float ones.

    stored: how the model stores float32 constants, by their tensors: the elements are scale * (an int8, or the int32 of
    a bias, - zero point). Runs before constants are folded. Promises: integer layers round as their int8 forms do,
    which may differ from rounding the float layer's result by one; everything else keeps its bits.
    """
    return _Fusion(graph, stored).graph()


@dataclass(frozen=True)
class _Candidate:
    """An integer layer that may take the place of a float one. inputs: tensors of the graph, or new constants."""

    node: Node
    inputs: tuple[int | Tensor | None, ...]
    attributes: Any


class _Fusion:
    """One walk over a graph. `_integer` knows, of a float tensor, the int8 tensor that it is the value of."""

    def __init__(self, graph: Graph, stored: Mapping[int, Quantization]) -> None:
        self._graph = graph
        self._stored = stored
        self._tensors = list(graph.tensors)
        self._nodes: list[Node] = []
        self._integer: dict[int, int] = {}
        self._same: dict[int, int] = {}
        self._writer: dict[int, Node] = {}
        self._notes = list(graph.notes)

    def graph(self) -> Graph:
        for stored in self._graph.nodes:
            inputs = tuple(None if index is None else self._same.get(index, index) for index in stored.inputs)
            self._take(dataclasses.replace(stored, inputs=inputs))
        outputs = tuple(self._same.get(index, index) for index in self._graph.outputs)
        whole = dataclasses.replace(
            self._graph,
            tensors=tuple(self._tensors),
            nodes=tuple(self._nodes),
            outputs=outputs,
            notes=tuple(self._notes),
        )
        return remove_dead(whole)

    def _take(self, node: Node) -> None:
        if node.op == "QUANTIZE" and self._is(node.inputs[0], _FLOAT) and self._is(node.outputs[0], _INT8):
            self._quantize(node)
            return
        if node.op in _MOVING and self._move(node):
            return
        self._nodes.append(node)
        self._writer.update(dict.fromkeys(node.outputs, node))
        if node.op == "DEQUANTIZE" and self._is(node.inputs[0], _INT8):
            self._integer[node.outputs[0]] = _present(node.inputs[0])
        elif node.op in _ACTIVATIONS and node.inputs[0] in self._integer:
            self._drop_clamp(node, self._integer[_present(node.inputs[0])])

    def _is(self, index: int | None, dtype: np.dtype[Any]) -> bool:
        return index is not None and self._tensors[index].dtype == dtype

    def _drop_clamp(self, node: Node, source: int) -> None:
        """A clamp to a range that holds all that the int8 tensor can say changes nothing."""
        x = self._tensors[source]
        low, high = _ACTIVATIONS[node.op].value
        if (-128 - x.zero_point) * x.scale >= low and (127 - x.zero_point) * x.scale <= high:
            self._integer[node.outputs[0]] = source

    def _move(self, node: Node) -> bool:
        """Whether the int8 tensors are moved instead, where they share one scale; floats are made of the result."""
        floats = [index for index in node.inputs if index is not None and self._is(index, _FLOAT)]
        known = [self._integer[index] for index in floats if index in self._integer]
        if not floats or len(known) < len(floats) or any(not self._alike(index, known[0]) for index in known):
            return False
        inputs = tuple(None if index is None else self._integer.get(index, index) for index in node.inputs)
        attributes = _integer_border(node.attributes, self._tensors[known[0]]) if node.op == "PAD" else node.attributes
        written = tuple(self._like(index, known[0]) for index in node.outputs)
        if attributes is None or self._violation(node.op, inputs, written, attributes) is not None:
            return False
        made = tuple(self._added(tensor) for tensor in written)
        self._nodes.append(Node(node.op, node.name, inputs, made, attributes))
        for source, target in zip(made, node.outputs, strict=True):
            self._nodes.append(Node("DEQUANTIZE", f"{self._tensors[target].name}/dequantize", (source,), (target,)))
            self._integer[target] = source
        return True

    def _like(self, index: int, source: int) -> Tensor:
        """An int8 tensor of the shape of one and the scale of another."""
        return dataclasses.replace(
            self._tensors[index], dtype=_INT8, quantization=self._tensors[source].quantization, data=None
        )

    def _alike(self, index: int, other: int) -> bool:
        a, b = self._tensors[index], self._tensors[other]
        return (a.scale, a.zero_point) == (b.scale, b.zero_point)

    def _added(self, tensor: Tensor) -> int:
        self._tensors.append(tensor)
        return len(self._tensors) - 1

    def _violation(
        self, op: str, inputs: Sequence[int | Tensor | None], outputs: Sequence[Tensor], attributes: Any
    ) -> str | None:
        bound = tuple(self._tensors[i] if isinstance(i, int) else i for i in inputs)
        layer = Layer(len(self._nodes), op, outputs[0].name, bound, tuple(outputs), attributes)
        return violation(layer)

    def _quantize(self, node: Node) -> None:
        """The layer behind a QUANTIZE, or what is left of the QUANTIZE itself."""
        source, target = _present(node.inputs[0]), node.outputs[0]
        known = self._integer.get(source)
        if known is not None:
            if self._alike(known, target) and self._takes_over(known, target):
                self._same[target] = known
            else:
                self._nodes.append(Node("QUANTIZE", node.name, (known,), (target,)))
            return
        writer = self._writer.get(source)
        if writer is None:
            self._nodes.append(node)
            return
        reason = "no layer"
        for candidate in self._candidates(writer, target):
            reason = candidate if isinstance(candidate, str) else self._accepted(candidate, target)
            if not reason:
                return
        self._notes.append(f'layer {writer.op} "{writer.name}" computes in float32, because as int8 {reason}')
        self._nodes.append(node)

    def _takes_over(self, known: int, target: int) -> bool:
        """Whether the tensor can stand for an equal one; for an output of the graph it takes its name too."""
        if target not in self._graph.outputs:
            return True
        if known in self._graph.inputs or known in self._same.values():
            return False
        self._tensors[known] = dataclasses.replace(self._tensors[known], name=self._tensors[target].name)
        return True

    def _candidates(self, writer: Node, target: int) -> list[_Candidate | str]:
        """Integer layers to try, the cheapest first; text where the operands cannot be integers."""
        tried: list[_Candidate | str] = []
        before = self._writer.get(_present(writer.inputs[0])) if writer.op in _ACTIVATIONS else None
        if before is not None and getattr(before.attributes, "activation", None) is Activation.NONE:
            clamped = dataclasses.replace(before.attributes, activation=_ACTIVATIONS[writer.op])
            tried.append(self._candidate(before, target, clamped))
        tried.append(self._candidate(writer, target, writer.attributes))
        return tried

    def _candidate(self, node: Node, target: int, attributes: Any) -> _Candidate | str:
        inputs: list[int | Tensor | None] = []
        for position, index in enumerate(node.inputs):
            if index is None or not self._is(index, _FLOAT):
                inputs.append(index)
            elif index in self._integer:
                inputs.append(self._integer[index])
            elif (data := self._tensors[index].data) is None:
                return f'its input "{self._tensors[index].name}" is not quantized'
            elif node.op in _WEIGHTED and position == 2:
                inputs.append(_bias(self._tensors[index], data, inputs, self._tensors))
            elif index in self._stored:
                inputs.append(_integers(self._tensors[index], data, self._stored[index], _INT8))
            else:
                return f'its constant "{self._tensors[index].name}" is not quantized'
        return _Candidate(node, tuple(inputs), attributes)

    def _accepted(self, candidate: _Candidate, target: int) -> str:
        """Add the layer, with a QUANTIZE before or behind it where scales must agree; or the reason against it."""
        node, inputs = candidate.node, candidate.inputs
        output, after = self._tensors[target], None
        if node.op in _COMMON_SCALE:
            inputs = tuple(self._on_scale(index, target) for index in inputs)
        elif node.op in _ONE_SCALE and isinstance(inputs[0], int) and not self._alike(inputs[0], target):
            output, after = self._like(target, inputs[0]), target
        if node.op not in OPERATORS:
            return "it has no kernel"
        reason = self._violation(node.op, inputs, [output], candidate.attributes)
        if reason is not None:
            return reason
        operands = tuple(self._added(i) if isinstance(i, Tensor) else i for i in inputs)
        written = target if after is None else self._added(output)
        self._nodes.append(Node(node.op, node.name, operands, (written,), candidate.attributes))
        if after is not None:
            self._nodes.append(Node("QUANTIZE", f"{node.name}/scale", (written,), (after,)))
        return ""

    def _on_scale(self, index: int | Tensor | None, target: int) -> int | Tensor | None:
        """The operand on the target's scale."""
        if not isinstance(index, int) or self._alike(index, target):
            return index
        made = self._added(self._like(index, target))
        self._nodes.append(Node("QUANTIZE", f"{self._tensors[index].name}/scale", (index,), (made,)))
        return made


def _present(index: int | None) -> int:
    assert index is not None
    return index


def _integers(tensor: Tensor, data: Array, quantization: Quantization, dtype: np.dtype[Any]) -> Tensor:
    """The constant as the model stores it."""
    shape = [1] * data.ndim
    if quantization.axis is not None:
        shape[quantization.axis] = -1
    scale, zero_point = quantization.scale.reshape(shape), quantization.zero_point.reshape(shape)
    info = np.iinfo(dtype)
    values = np.clip(np.rint(data / scale.astype(np.float64)) + zero_point, info.min, info.max).astype(dtype)
    return dataclasses.replace(tensor, dtype=dtype, quantization=quantization, data=values)


def _bias(tensor: Tensor, data: Array, inputs: Sequence[int | Tensor | None], tensors: Sequence[Tensor]) -> Tensor:
    """The bias on the scale of the sums: input scale x weight scale."""
    x, weights = (tensors[i] if isinstance(i, int) else i for i in inputs[:2])
    assert x is not None
    assert weights is not None
    assert weights.quantization is not None
    scale = (x.scale * weights.quantization.scale.astype(np.float64)).astype(np.float32)
    axis = None if weights.quantization.axis is None else 0
    quantization = Quantization(scale, np.zeros(scale.shape, np.int64), axis)
    return _integers(tensor, data, quantization, np.dtype(np.int32))


def _integer_border(attributes: Any, x: Tensor) -> Any:
    """The attributes of a PAD over the int8 tensor; None where its border's value is none that int8 can say."""
    value = round(attributes.value / x.scale) + x.zero_point
    if not -128 <= value <= 127 or np.float32((value - x.zero_point) * x.scale) != np.float32(attributes.value):
        return None
    return dataclasses.replace(attributes, value=value)
