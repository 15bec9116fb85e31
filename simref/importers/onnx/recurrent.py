"""LSTM, GRU and RNN: one layer for each direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array
from simref.importers.onnx.context import Context, Converter
from simref.importers.onnx.layers import attributes_of
from simref.importers.onnx.layout import Order
from simref.importers.onnx.reader import Node
from simref.importers.onnx.value import Value, constant
from simref.ops.concatenation import Attributes as Concatenation
from simref.ops.reverse_v2 import Attributes as Reverse
from simref.ops.slice import Attributes as Slice

OUTPUTS = ("sequence", "hidden", "cell")
# How many blocks of units the weights hold, and in which order the operators here have ONNX's.
GATES = {"LSTM": (0, 2, 3, 1), "GRU": (0, 1, 2), "SIMPLE_RNN": (0,)}
SIGMOIDS = {(0.2, 0.5): "hard_sigmoid", (1 / 6, 0.5): "hard_sigmoid_3"}
ACTIVATIONS = {"sigmoid": "sigmoid", "tanh": "tanh", "relu": "relu"}


@dataclass(frozen=True)
class _Recurrence:
    """What one node says of all its directions. x: its value as (batch, time, features)."""

    op: str
    x: Value
    units: int
    reverse: tuple[bool, ...]
    batch_first: bool


def recurrent(op: str) -> Converter:
    """A node of one or two directions."""

    def convert(ctx: Context, node: Node) -> Sequence[Value]:
        recurrence = _read(ctx, node, op)
        wanted = [k for k in range(len(node.outputs)) if node.outputs[k]]
        made = [_direction(ctx, node, recurrence, k, wanted) for k in range(len(recurrence.reverse))]
        joined = {k: _joined(ctx, node, recurrence, k, [outputs[k] for outputs in made]) for k in wanted}
        return [joined.get(k, constant("", np.zeros(0, np.float32))) for k in range(len(node.outputs))]

    convert.__doc__ = f"{op}, one layer for each direction; no peepholes, no clip, sequences of full length."
    return convert


def _read(ctx: Context, node: Node, op: str) -> _Recurrence:
    direction = node.get("direction", "forward")
    reverse = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}.get(direction)
    if reverse is None:
        raise ModelError(f"{node}: its direction is {direction}, must be forward, reverse or bidirectional")
    batch_first = node.get("layout", 0) == 1
    x, recurrent_weights = ctx.operand(node, 0), ctx.operand(node, 2)
    if x.rank != 3 or recurrent_weights.rank != 3:
        raise ModelError(
            f"{node}: input and weights have {x.rank} and {recurrent_weights.rank} dimensions, must have 3"
        )
    _check(ctx, node, x.shape[1 if batch_first else 0])
    x = x if batch_first else ctx.transpose(node, x, (1, 0, 2))
    return _Recurrence(op, x, node.get("hidden_size", recurrent_weights.shape[2]), reverse, batch_first)


def _check(ctx: Context, node: Node, steps: int) -> None:
    """Raise UnsupportedError for what the operators here do not compute."""
    lengths = ctx.constant(node, 4, "sequence_lens")
    if lengths is not None and not (lengths == steps).all():
        raise UnsupportedError(f"{node}: its sequence_lens are {lengths.ravel()[:8].tolist()}, must all be {steps}")
    if node.has(7):
        raise UnsupportedError(f"{node}: it has peepholes, which are not supported")
    for name in ("clip", "input_forget"):
        if node.attributes.get(name):
            raise UnsupportedError(f"{node}: its {name} is {node.attributes[name]}, must be absent")


def _direction(ctx: Context, node: Node, recurrence: _Recurrence, k: int, wanted: Sequence[int]) -> dict[int, int]:
    """The tensors of the wanted outputs of direction k, the sequence in the order of time."""
    op, reverse = recurrence.op, recurrence.reverse[k]
    inputs: list[int | None] = [ctx.plain(node, recurrence.x), *_weights(ctx, node, recurrence, k)]
    inputs += [_initial(ctx, node, recurrence, position, k) for position in ((5, 6) if op == "LSTM" else (5,))]
    results = tuple(OUTPUTS[output] for output in wanted)
    fields = {**_activations(node, op, k), "go_backwards": reverse, "results": results}
    if op == "GRU":
        fields["reset_after"] = node.get("linear_before_reset", False)
    suffix = f"/{'reverse' if reverse else 'forward'}" if len(recurrence.reverse) > 1 else ""
    tensors = ctx.layers(node, op, inputs, attributes_of(op, **fields), outputs=len(results), suffix=suffix)
    made = dict(zip(wanted, tensors, strict=True))
    if reverse and 0 in made:
        made[0] = ctx.layer(node, "REVERSE_V2", [made[0]], Reverse(axes=(1,)), suffix="/time")
    return made


def _weights(ctx: Context, node: Node, recurrence: _Recurrence, k: int) -> list[int | None]:
    """Input weights, recurrent weights and biases, their gates in the operator's order."""
    gates, units = GATES[recurrence.op], recurrence.units
    directions, rows = len(recurrence.reverse), len(gates) * units
    features = recurrence.x.shape[2]

    def read(position: int, what: str, columns: tuple[int, ...]) -> Array | None:
        data = ctx.constant(node, position, what)
        if data is None:
            return None
        if data.shape != (directions, *columns):
            raise ModelError(f"{node}: its {what} have the shape {data.shape}, must be {(directions, *columns)}")
        return np.asarray(data[k])

    def ordered(data: Array) -> Array:
        return np.concatenate([data[gate * units : (gate + 1) * units] for gate in gates])

    w, r = read(1, "input weights", (rows, features)), read(2, "recurrent weights", (rows, units))
    if w is None or r is None:
        raise ModelError(f"{node}: its weights are missing")
    operands: dict[str, Array | None] = {"w": ordered(w), "r": ordered(r)}
    biases = read(3, "biases", (2 * rows,))
    parts = (None, None) if biases is None else (ordered(biases[:rows]), ordered(biases[rows:]))
    if recurrence.op == "GRU":
        operands |= {"wb": parts[0], "rb": parts[1]}
    else:
        operands["b"] = None if parts[0] is None or parts[1] is None else parts[0] + parts[1]
    return [
        None if data is None else ctx.plain(node, constant(f"{node.name}/{name}{k}", data + np.zeros((), data.dtype)))
        for name, data in operands.items()
    ]


def _initial(ctx: Context, node: Node, recurrence: _Recurrence, position: int, k: int) -> int | None:
    """The state (batch, units) that direction k starts from; None where it is absent or all zeros."""
    value = ctx.optional(node, position)
    if value is None or (value.data is not None and not value.data.any()):
        return None
    order = (1, 0, 2) if recurrence.batch_first else (0, 1, 2)
    states = ctx.transpose(node, value, order)
    directions, batch = len(recurrence.reverse), recurrence.x.shape[0]
    if states.shape != (directions, batch, recurrence.units):
        raise ModelError(f"{node}: its state has the shape {value.shape}, which does not fit")
    if states.data is not None:
        return ctx.plain(node, constant(value.name, states.data[k]))
    if directions > 1:
        box = Slice(begin=(k, 0, 0), size=(1, batch, recurrence.units))
        made = ctx.layer(node, "SLICE", [ctx.plain(node, states)], box, suffix=f"/state{position}_{k}")
        states = ctx.computed(node, made, (0, 1, 2))
    return ctx.plain(node, ctx.reshape(node, states, (batch, recurrence.units)))


def _activations(node: Node, op: str, k: int) -> Mapping[str, Any]:
    """The fields activation and recurrent_activation of direction k."""
    count = {"LSTM": 3, "GRU": 2, "SIMPLE_RNN": 1}[op]
    defaults = ["Tanh"] if op == "SIMPLE_RNN" else ["Sigmoid", "Tanh", "Tanh"][:count]
    names = node.get("activations", list(defaults) * (k + 1))[k * count : (k + 1) * count]
    if len(names) != count:
        raise ModelError(f"{node}: its activations are {names}, must be {count} for each direction")
    found = [_activation(node, str(name)) for name in names]
    if op == "SIMPLE_RNN":
        return {"activation": found[0]}
    if found[1] != found[-1]:
        raise UnsupportedError(f"{node}: its activations of cell and output are {names[1]} and {names[2]}, must be one")
    return {"recurrent_activation": found[0], "activation": found[1]}


def _activation(node: Node, name: str) -> str:
    lower = name.lower()
    if lower in ACTIVATIONS and not node.attributes.get("activation_alpha"):
        return ACTIVATIONS[lower]
    alphas, betas = node.attributes.get("activation_alpha") or [0.2], node.attributes.get("activation_beta") or [0.5]
    for (alpha, beta), known in SIGMOIDS.items():
        if lower == "hardsigmoid" and np.allclose(alphas, alpha, 1e-6) and np.allclose(betas, beta, 1e-6):
            return known
    raise UnsupportedError(f"{node}: its activation is {name}, must be Sigmoid, Tanh, Relu or HardSigmoid (0.2, 0.5)")


def _joined(ctx: Context, node: Node, recurrence: _Recurrence, k: int, tensors: Sequence[int]) -> Value:
    """Output k of all directions: (time, directions, batch, units) or (directions, batch, units)."""
    batch, steps, _ = recurrence.x.shape
    shape = (batch, steps, 1, recurrence.units) if k == 0 else (batch, 1, recurrence.units)
    parts = [ctx.plain(node, ctx.reshape(node, _as_is(ctx, node, tensor), shape)) for tensor in tensors]
    whole = parts[0]
    if len(parts) > 1:
        whole = ctx.layer(node, "CONCATENATION", parts, Concatenation(len(shape) - 2), suffix=f"/{OUTPUTS[k]}")
    value = _as_is(ctx, node, whole)
    if recurrence.batch_first:
        return value
    order: Order = (1, 2, 0, 3) if k == 0 else (1, 0, 2)
    return ctx.transpose(node, value, order)


def _as_is(ctx: Context, node: Node, tensor: int) -> Value:
    return ctx.computed(node, tensor, tuple(range(len(ctx.builder.shape(tensor)))))


CONVERTERS: dict[str, Converter] = {
    "GRU": recurrent("GRU"),
    "LSTM": recurrent("LSTM"),
    "RNN": recurrent("SIMPLE_RNN"),
}
