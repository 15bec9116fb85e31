"""One step of a recurrent layer, as Keras 3 writes it: which cell it is, and its weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.graph import Array, Graph, Layer
from simref.ops import gru, lstm, simple_rnn
from simref.ops._activation import Activation

_ACTIVATIONS = {"TANH": "tanh", "RELU": "relu", "RELU6": "relu6", "LOGISTIC": "sigmoid", "SOFTSIGN": "softsign"}
# By the slope of x, which names both, the offset being 1/2.
_HARD_SIGMOIDS = {np.float32(0.2): "hard_sigmoid", np.float32(1 / 6): "hard_sigmoid_3"}
# A step adds up two products and two biases.
_MAX_DEPTH = 6


@dataclass(frozen=True, eq=False)
class Cell:
    """A recurrent layer: its operator, attributes, constants in the order of its inputs, None for absent ones, and the
    tensors of the step that are its new states.
    """

    op: str
    attributes: Any
    constants: tuple[Array | None, ...]
    states: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class _Sum:
    """Products by the tensor that the weights multiply, and what is added to them."""

    weights: Mapping[int, Array]
    bias: Array | None

    def of(self, *sources: int) -> bool:
        """Whether these, and no others, are multiplied."""
        return set(self.weights) == set(sources)


@dataclass(frozen=True)
class _Part:
    """One of equal parts of a tensor's last axis."""

    whole: int
    position: int


class Step:
    """The step of a loop: a graph whose nodes have their attributes.

    x: the tensor that holds the element of the sequence. previous: by the tensor of a new state, that of the old one.
    """

    def __init__(self, graph: Graph, x: int, previous: Mapping[int, int]) -> None:
        self._tensors = graph.tensors
        self._x = x
        self._previous = previous
        self._units = {graph.tensors[index].shape[-1:] for index in previous}
        self._writers = {
            index: (node.inputs, layer, k)
            for node, layer in zip(graph.nodes, graph.layers, strict=True)
            for k, index in enumerate(node.outputs)
        }

    def cell(self, hidden: int) -> Cell | None:
        """The recurrent layer whose new state h is the tensor."""
        return self._lstm(hidden) or self._gru(hidden) or self._simple(hidden)

    def _layer(self, index: int, *ops: str) -> Layer | None:
        """The layer of one of those operators that writes the tensor and does not clamp it."""
        layer = self._writers[index][1] if index in self._writers else None
        if layer is None or layer.op not in ops:
            return None
        return layer if getattr(layer.attributes, "activation", Activation.NONE) is Activation.NONE else None

    def _inputs(self, index: int, *ops: str) -> tuple[int, ...] | None:
        """What that layer reads."""
        if self._layer(index, *ops) is None:
            return None
        return tuple(i for i in self._writers[index][0] if i is not None)

    def _pairs(self, index: int, op: str) -> Iterator[tuple[int, int]]:
        found = self._inputs(index, op)
        if found is not None and len(found) == 2:
            yield found[0], found[1]
            yield found[1], found[0]

    def _activation(self, index: int) -> tuple[str, int]:
        """(name, x): "linear" of itself for a tensor that is no known activation of another one."""
        layer = self._layer(index, *_ACTIVATIONS, "HARD_SIGMOID")
        operands = self._writers[index][0] if layer is not None else ()
        if layer is None or operands[0] is None:
            return "linear", index
        if layer.op != "HARD_SIGMOID":
            return _ACTIVATIONS[layer.op], operands[0]
        name = _HARD_SIGMOIDS.get(np.float32(layer.attributes.alpha))
        return (name, operands[0]) if name is not None and layer.attributes.beta == 0.5 else ("linear", index)

    def _gate(self, index: int) -> tuple[str, int] | None:
        """The same for what must be an activation."""
        name, x = self._activation(index)
        return None if x == index else (name, x)

    def _terms(self, index: int, depth: int = _MAX_DEPTH) -> list[int]:
        """What is added up, through views that keep the last axis."""
        viewed, added = self._inputs(index, "RESHAPE"), self._inputs(index, "ADD")
        if depth == 0 or (viewed is None and added is None):
            return [index]
        if added is not None:
            return [term for operand in added for term in self._terms(operand, depth - 1)]
        assert viewed is not None
        same = self._tensors[viewed[0]].shape[-1:] == self._tensors[index].shape[-1:]
        return self._terms(viewed[0], depth - 1) if same else [index]

    def _sum(self, index: int) -> _Sum | None:
        """The tensor as a sum of dense layers without activation and of constants, one for each of their outputs."""
        weights: dict[int, Array] = {}
        biases: list[Array] = []
        for term in self._terms(index):
            data, operands = self._tensors[term].data, self._inputs(term, "FULLY_CONNECTED")
            if data is not None:
                biases.append(data)
                continue
            if operands is None or operands[0] in weights:
                return None
            stored = [self._tensors[k].data for k in operands[1:]]
            constants = [data for data in stored if data is not None]
            if len(constants) != len(stored):
                return None
            weights[operands[0]] = constants[0]
            biases += constants[1:]
        rows = self._tensors[index].shape[-1:]
        fits = all(data.dtype == np.float32 and data.shape[-1:] == rows == (data.size,) for data in biases)
        if not weights or not fits or any(stored.shape[:1] != rows for stored in weights.values()):
            return None
        return _Sum(weights, sum((data.ravel() for data in biases[1:]), biases[0].ravel()) if biases else None)

    def _part(self, index: int) -> _Part | None:
        """The tensor as a part of another one."""
        layer = self._layer(index, "SPLIT", "STRIDED_SLICE", "SLICE")
        source = self._writers[index][0][0] if layer is not None else None
        if layer is None or source is None:
            return None
        shape, part = self._tensors[source].shape, self._tensors[index].shape
        if part[:-1] != shape[:-1] or part[-1:] not in self._units or shape[-1] % part[-1]:
            return None
        if layer.op == "SPLIT":
            return _Part(source, self._writers[index][2])
        a = layer.attributes
        if layer.op == "STRIDED_SLICE" and set(a.stride) != {1}:
            return None
        return _Part(source, a.begin[-1] // part[-1]) if a.begin[-1] % part[-1] == 0 else None

    def _simple(self, hidden: int) -> Cell | None:
        name, inner = self._activation(hidden)
        total, h = self._sum(inner), self._previous[hidden]
        if total is None or not total.of(self._x, h):
            return None
        constants = (total.weights[self._x], total.weights[h], total.bias)
        return Cell("SIMPLE_RNN", simple_rnn.Attributes(name), constants, (hidden,))

    def _lstm(self, hidden: int) -> Cell | None:
        """h = a(o) * activation(c), c = a(f) * c + a(i) * activation(g)."""
        for output, bent in self._pairs(hidden, "MUL"):
            activation, cell = self._activation(bent)
            if cell not in self._previous:
                continue
            for kept, fresh in self._pairs(cell, "ADD"):
                for forget, old in self._pairs(kept, "MUL"):
                    for entry, new in self._pairs(fresh, "MUL"):
                        gates = [self._gate(index) for index in (entry, forget, output)]
                        name, candidate = self._activation(new)
                        if old != self._previous[cell] or name != activation or None in gates:
                            continue
                        found = self._lstm_of([gate for gate in gates if gate], candidate, activation, (hidden, cell))
                        if found is not None:
                            return found
        return None

    def _lstm_of(
        self, gates: Sequence[tuple[str, int]], candidate: int, activation: str, states: tuple[int, int]
    ) -> Cell | None:
        """gates: activation and sum of i, f and o. candidate: the sum of g."""
        (i, f, o), g = (self._part(index) for _, index in gates), self._part(candidate)
        names = {name for name, _ in gates}
        if i is None or f is None or g is None or o is None or len(names) != 1:
            return None
        parts = (i, f, g, o)
        total, h = self._sum(i.whole), self._previous[states[0]]
        if len({part.whole for part in parts}) != 1 or total is None or not total.of(self._x, h):
            return None
        order = [part.position for part in parts]
        rows = total.weights[h].shape
        if sorted(order) != [0, 1, 2, 3] or rows[0] != 4 * rows[1]:
            return None
        attributes = lstm.Attributes(activation, names.pop())
        constants = (total.weights[self._x], total.weights[h], total.bias)
        return Cell("LSTM", attributes, tuple(_in_order(data, order, 4) for data in constants), states)

    def _gru(self, hidden: int) -> Cell | None:
        """h = z * h + (1 - z) * n."""
        h = self._previous[hidden]
        for kept, fresh in self._pairs(hidden, "ADD"):
            for update, old in self._pairs(kept, "MUL"):
                for rest, new in self._pairs(fresh, "MUL"):
                    gate, less = self._gate(update), self._inputs(rest, "SUB")
                    one = None if less is None else self._tensors[less[0]].data
                    if old != h or gate is None or less is None or one is None or less[1] != update:
                        continue
                    found = self._gru_of(gate, self._activation(new), hidden) if np.all(one == 1) else None
                    if found is not None:
                        return found
        return None

    def _gru_of(self, update: tuple[str, int], new: tuple[str, int], hidden: int) -> Cell | None:
        """update, new: activation and sum of z and of n."""
        for of_x, of_h in self._pairs(new[1], "ADD"):
            n = self._part(of_x)
            z = self._pair(update[1])
            for reset, product in self._products(of_h):
                gate = self._gate(reset)
                r = None if gate is None else self._pair(gate[1])
                if n is None or z is None or gate is None or r is None or gate[0] != update[0]:
                    continue
                positions = [z[0].position, r[0].position, n.position]
                same = [part.position for part in (z[1], r[1])] == positions[:2]
                if not same or z[0].whole != r[0].whole or z[0].whole != n.whole or z[1].whole != r[1].whole:
                    continue
                attributes = gru.Attributes(new[0], update[0])
                found = self._gru_weights(attributes, positions, (n.whole, z[1].whole), product, hidden)
                if found is not None:
                    return found
        return None

    def _products(self, index: int) -> Iterator[tuple[int, int]]:
        """(reset gate, what it multiplies): the product itself, or the one that a dense layer reads."""
        yield from self._pairs(index, "MUL")
        operands = self._inputs(index, "FULLY_CONNECTED")
        if operands is not None:
            for reset, old in self._pairs(operands[0], "MUL"):
                if old in self._previous.values():
                    yield reset, index

    def _pair(self, index: int) -> tuple[_Part, _Part] | None:
        """The parts, of the sums over x and over h, that the tensor is the sum of."""
        for a, b in self._pairs(index, "ADD"):
            first, second = self._part(a), self._part(b)
            total = None if first is None else self._sum(first.whole)
            if first is not None and second is not None and total is not None and total.of(self._x):
                return first, second
        return None

    def _gru_weights(
        self, attributes: gru.Attributes, positions: Sequence[int], wholes: tuple[int, int], product: int, hidden: int
    ) -> Cell | None:
        """wholes: the sums over x and over h. product: what the reset gate multiplies, or the dense layer that reads
        its product with h.
        """
        of_x, of_h = (self._sum(whole) for whole in wholes)
        h, part = self._previous[hidden], self._part(product)
        if of_x is None or of_h is None or not of_x.of(self._x) or not of_h.of(h) or sorted(positions) != [0, 1, 2]:
            return None
        recurrent, recurrent_bias = of_h.weights[h], of_h.bias
        w, b = (_in_order(data, positions, 3) for data in (of_x.weights[self._x], of_x.bias))
        if part is not None and part == _Part(wholes[1], positions[2]):
            after = (_in_order(recurrent, positions, 3), b, _in_order(recurrent_bias, positions, 3))
            return Cell("GRU", dataclasses.replace(attributes, reset_after=True), (w, *after), (hidden,))
        last = self._sum(product)
        if last is None or recurrent_bias is not None or last.bias is not None or positions[2] != 2:
            return None
        reset = next(iter(last.weights))
        if h not in (self._inputs(reset, "MUL") or ()) or len(recurrent) != 2 * recurrent.shape[1]:
            return None
        rows = np.concatenate([*(np.split(recurrent, 2)[k] for k in positions[:2]), last.weights[reset]])
        return Cell("GRU", dataclasses.replace(attributes, reset_after=False), (w, rows, b, None), (hidden,))


def _in_order(rows: Any, order: Sequence[int], parts: int) -> Any:
    """The equal parts of the rows in another order; None of None."""
    return None if rows is None else np.concatenate([np.split(rows, parts)[k] for k in order])
