"""Keras' recurrent layers, in one direction and in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from simref.graph import Array
from simref.importers.keras.activations import function_named, plain
from simref.importers.keras.call import LayerCall, Results, Translator, bias_of, optional_constant, tensors_of
from simref.importers.keras.config import Config
from simref.importers.keras.merging import folded
from simref.importers.keras.topology import LayerSpec, read_layer

_ACTIVATIONS = ("linear", "tanh", "sigmoid", "relu", "hard_sigmoid")


@dataclass(frozen=True)
class _Kind:
    """op: the operator. gates: how many rows of units the weights have. states: how many the layer carries."""

    op: str
    gates: int
    states: int


_KINDS = {"LSTM": _Kind("LSTM", 4, 2), "GRU": _Kind("GRU", 3, 1), "SimpleRNN": _Kind("SIMPLE_RNN", 1, 1)}


def _recurrent(call: LayerCall) -> Results:
    """The operator of its name, in either direction; not stateful, no mask."""
    kind, config = _KINDS[call.spec.kind], call.config
    x, *given = call.inputs
    states = given or tensors_of(call.kwargs.get("initial_state"))
    call.rank(x, 3)
    for flag in ("stateful", "time_major"):
        if config.flag(flag):
            call.refuse(f"{flag} is true, must be false. Save the model with {flag}=False.")
    if len(states) not in (0, kind.states):
        call.config.damaged(f"it is called with {len(states)} states, must have {kind.states}")
    results: tuple[str, ...] = ("sequence" if config.flag("return_sequences") else "hidden",)
    if config.flag("return_state"):
        results += ("hidden", "cell")[: kind.states]
    fields = _fields(call, kind) | {"go_backwards": config.flag("go_backwards")}
    fields["results"] = tuple(dict.fromkeys(results))
    operands: list[int | None] = [x, *_weights(call, kind, call.shape(x)[-1]), *(states or ())]
    while operands[-1] is None:
        operands.pop()
    made = call.emit_all(kind.op, *operands, outputs=len(fields["results"]), **fields)
    return tuple(made[fields["results"].index(result)] for result in results)


def _fields(call: LayerCall, kind: _Kind) -> dict[str, Any]:
    fields: dict[str, Any] = {"activation": _function(call, "activation")}
    if kind.op != "SIMPLE_RNN":
        fields["recurrent_activation"] = _function(call, "recurrent_activation")
    if kind.op == "GRU":
        fields["reset_after"] = _reset_after(call)
    return fields


def _function(call: LayerCall, field: str) -> str:
    name = function_named(call.config, field, _ACTIVATIONS)
    return "hard_sigmoid_3" if name == "hard_sigmoid" and call.version >= 3 else name


def _reset_after(call: LayerCall) -> bool:
    return call.config.flag("reset_after", default=call.version >= 3)


def _weights(call: LayerCall, kind: _Kind, features: int) -> list[int | None]:
    """Input weights, recurrent weights and biases: two biases for a GRU that resets after its product."""
    units = call.config.integer("units")
    wide = kind.gates * units
    double = kind.op == "GRU" and _reset_after(call)
    bias = ((2, wide) if double else (wide,)) if call.config.flag("use_bias", default=True) else None
    found = call.variables({"kernel": (features, wide), "recurrent_kernel": (units, wide), "bias": bias}, "cell")
    rows = [call.constant(name, found[name].T) for name in ("kernel", "recurrent_kernel")]
    stored = bias_of(found)
    biases: list[Array | None] = [None, None] if stored is None else [stored, None]
    if double and stored is not None:
        biases = [stored[0], stored[1]]
    named = zip(("bias", "recurrent_bias"), biases, strict=True)
    constants = [optional_constant(call, name, data) for name, data in named]
    return [*rows, *(constants if kind.op == "GRU" else constants[:1])]


def _bidirectional(call: LayerCall) -> Results:
    """An LSTM, GRU or SIMPLE_RNN over the sequence and one over the reversed sequence, joined."""
    mode = call.config.get("merge_mode")
    forward = read_layer(call.config.section("layer"), call.path)
    backward = _backward(call, forward)
    if forward.kind not in _KINDS or backward.kind != forward.kind:
        call.refuse(f"its layers are {forward.kind} and {backward.kind}, must be two of {', '.join(_KINDS)}")
    x, *states = [*call.inputs, *tensors_of(call.kwargs.get("initial_state"))]
    half = len(states) // 2
    ahead = call.inner(forward, "forward_layer", [x, *states[:half]], "forward")
    back = call.inner(backward, "backward_layer", [x, *states[half:]], "backward")
    y, z = ahead[0], back[0]
    if forward.config.flag("return_sequences"):
        z = call.emit("REVERSE_V2", z, step="reversed", axes=(1,))
    return (*_joined(call, mode, y, z), *ahead[1:], *back[1:])


def _backward(call: LayerCall, forward: LayerSpec) -> LayerSpec:
    if call.config.get("backward_layer") is not None:
        return read_layer(call.config.section("backward_layer"), call.path)
    turned = {**forward.config.fields, "go_backwards": not forward.config.flag("go_backwards")}
    return replace(forward, config=Config(forward.config.owner, turned))


def _joined(call: LayerCall, mode: object, y: int, z: int) -> Sequence[int]:
    if mode is None:
        return (y, z)
    chosen = call.config.choice("merge_mode", ("concat", "sum", "mul", "ave"))
    if chosen == "concat":
        return (call.emit("CONCATENATION", y, z, axis=len(call.shape(y)) - 1),)
    if chosen == "ave":
        total = folded(call, "ADD", [y, z], "sum")
        return (call.emit("MUL", total, call.scalar("share", 0.5), **plain()),)
    return (folded(call, "ADD" if chosen == "sum" else "MUL", [y, z], ""),)


def _time_distributed(call: LayerCall) -> Results:
    """A layer over each step, the steps as a batch; none that is recurrent."""
    layer = read_layer(call.config.section("layer"), call.path)
    if layer.kind in _KINDS:
        call.refuse(f"its layer is {layer.kind}, must be one that sees a single step")
    call.rank(call.x, 3, 8)
    batch, steps, *rest = call.shape(call.x)
    x = call.reshape(call.x, (batch * steps, *rest), "steps")
    (y,) = call.inner(layer, "layer", [x], "layer")
    return (call.reshape(y, (batch, steps, *call.shape(y)[1:])),)


TRANSLATORS: dict[str, Translator] = {
    **dict.fromkeys(_KINDS, _recurrent),
    "Bidirectional": _bidirectional,
    "TimeDistributed": _time_distributed,
}
