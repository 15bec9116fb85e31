"""TFLite's operators that other operators here compute: the same results from nodes of this project's own.

Each function takes a stored layer (every operand, its options table as attributes) and its node, adds the tensors that
it needs, and returns nodes whose attributes are read. Operators that run other parts of the file are refused with the
way out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import accumulate

from simref.errors import ModelError, UnsupportedError
from simref.graph import Layer, Node, Tensor
from simref.importers.tflite.recurrent import convert_lstm, convert_rnn
from simref.ops._activation import Activation
from simref.ops._elementwise import Attributes as Elementwise
from simref.ops._stored import resolve_axis, stored_integers
from simref.ops.slice import Attributes as Slice

Rewrite = Callable[[Layer, Node, list[Tensor]], list[Node]]


def _add_n(layer: Layer, node: Node, tensors: list[Tensor]) -> list[Node]:
    """ADD_N as one ADD after the other."""
    if len(node.inputs) < 2:
        raise ModelError(f"has {len(node.inputs)} inputs, must have at least 2")
    total, *others = node.inputs
    nodes = []
    for k, other in enumerate(others):
        last = k + 1 == len(others)
        if not last:
            tensors.append(dataclasses.replace(layer.output, name=f"{node.name}/{k}", shape=layer.input(0).shape))
        y = node.outputs[0] if last else len(tensors) - 1
        name = node.name if last else f"{node.name}/{k}"
        nodes.append(Node("ADD", name, (total, other), (y,), Elementwise(Activation.NONE)))
        total = y
    return nodes


def _select(layer: Layer, node: Node, tensors: list[Tensor]) -> list[Node]:
    """SELECT as SELECT_V2, which broadcasts from the last dimension; SELECT also from the first."""
    condition, a, b = (layer.input(position) for position in range(3))
    if a.shape != b.shape or condition.shape not in ((), a.shape):
        shapes = f"{condition.shape}, {a.shape} and {b.shape}"
        raise UnsupportedError(f"its operands have the shapes {shapes}, must have one, or a single condition ()")
    return [Node("SELECT_V2", node.name, node.inputs, node.outputs)]


def _split_v(layer: Layer, node: Node, tensors: list[Tensor]) -> list[Node]:
    """SPLIT_V as a SLICE for each part."""
    shape = layer.input(0).shape
    sizes = stored_integers(layer, 1, "sizes", length=len(node.outputs))
    (axis,) = stored_integers(layer, 2, "axis", length=1)
    axis = resolve_axis(axis, len(shape))
    rest = shape[axis] - sum(size for size in sizes if size != -1)
    parts = [rest if size == -1 else size for size in sizes]
    if sizes.count(-1) > 1 or min(parts) < 1 or sum(parts) != shape[axis]:
        raise ModelError(f"splits {shape[axis]} elements into {list(sizes)}")
    return [
        Node("SLICE", _part(node, k), node.inputs[:1], (y,), _along(layer, axis, start, size))
        for k, (y, start, size) in enumerate(zip(node.outputs, accumulate(parts, initial=0), parts, strict=False))
    ]


def _part(node: Node, k: int) -> str:
    return node.name if k == 0 else f"{node.name}:{k}"


def _along(layer: Layer, axis: int, start: int, size: int) -> Slice:
    shape = layer.input(0).shape
    begin = tuple(start if k == axis else 0 for k in range(len(shape)))
    return Slice(begin, tuple(size if k == axis else n for k, n in enumerate(shape)))


def _refused(reason: str) -> Rewrite:
    def refuse(layer: Layer, node: Node, tensors: list[Tensor]) -> list[Node]:
        raise UnsupportedError(reason)

    refuse.__doc__ = f"Refused: it {reason}."
    return refuse


_RECURRENT = "is a recurrent layer of another kind than UNIDIRECTIONAL_SEQUENCE_LSTM. Give the Keras file itself"
_STATEFUL = "keeps a state between runs, must compute its outputs from the inputs of one run alone"

REWRITES: dict[str, Rewrite] = {
    "ADD_N": _add_n,
    "SELECT": _select,
    "SPLIT_V": _split_v,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": convert_lstm,
    "UNIDIRECTIONAL_SEQUENCE_RNN": convert_rnn,
    **dict.fromkeys(
        ("BIDIRECTIONAL_SEQUENCE_LSTM", "BIDIRECTIONAL_SEQUENCE_RNN", "LSTM", "RNN"),
        _refused(f"{_RECURRENT}, or convert each direction as a layer of its own"),
    ),
    "IF": _refused("chooses what it computes at run time, must compute the same in each run"),
    **dict.fromkeys(("ASSIGN_VARIABLE", "CALL_ONCE", "READ_VARIABLE", "SVDF", "VAR_HANDLE"), _refused(_STATEFUL)),
}
