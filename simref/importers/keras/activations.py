"""Keras' activation functions, by name, and the layers that are nothing but an activation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from simref.importers._untrusted import printable
from simref.importers.keras.call import LayerCall, Translator
from simref.importers.keras.config import Config
from simref.importers.keras.topology import read_layer

# What a function of Keras computes: (call, tensor, name of the step) -> tensor.
Function = Callable[[LayerCall, int, str], int]

_SELU = {"alpha": 1.6732632423543772, "gamma": 1.0507009873554805}
_KEPT = ("linear", None)


def _operator(op: str, **fields: Any) -> Function:
    def function(call: LayerCall, x: int, step: str) -> int:
        return call.emit(op, x, step=step, **fields)

    return function


def _hard_sigmoid(call: LayerCall, x: int, step: str) -> int:
    """Keras 2: 0.2 x + 0.5 between 0 and 1; Keras 3: relu6(x + 3) / 6."""
    alpha = 0.2 if call.version < 3 else 1 / 6
    return call.emit("HARD_SIGMOID", x, step=step, alpha=alpha, beta=0.5)


def softmax(call: LayerCall, x: int, step: str, axis: int = -1, op: str = "SOFTMAX") -> int:
    """Along one axis, which is moved to the end and back."""
    rank = len(call.shape(x))
    order = [d for d in range(rank) if d != axis % rank] + [axis % rank]
    fields: dict[str, Any] = {"beta": 1.0} if op == "SOFTMAX" else {}
    moved = call.transpose(x, order, _joined(step, "before"))
    return call.transpose(call.emit(op, moved, step=step, **fields), np.argsort(order).tolist(), _joined(step, "after"))


def _log_sigmoid(call: LayerCall, x: int, step: str) -> int:
    """-softplus(-x)."""
    negative = call.emit("NEG", x, step=_joined(step, "neg"))
    return call.emit("NEG", call.emit("SOFTPLUS", negative, step=_joined(step, "softplus")), step=step)


def _tanh_shrink(call: LayerCall, x: int, step: str) -> int:
    """x - tanh(x)."""
    tanh = call.emit("TANH", x, step=_joined(step, "tanh"))
    return call.emit("SUB", x, tanh, step=step, **plain())


def _glu(call: LayerCall, x: int, step: str) -> int:
    """The first half of the channels times the sigmoid of the second."""
    axis = len(call.shape(x)) - 1
    first, second = call.emit_all("SPLIT", x, step=_joined(step, "split"), outputs=2, axis=axis, parts=2)
    gate = call.emit("LOGISTIC", second, step=_joined(step, "gate"))
    return call.emit("MUL", first, gate, step=step, **plain())


def _joined(*steps: str) -> str:
    return "/".join(step for step in steps if step)


def plain() -> dict[str, Any]:
    """The attributes of an operator whose activation is a layer of its own."""
    from simref.ops._activation import Activation

    return {"activation": Activation.NONE}


FUNCTIONS: dict[str, Function] = {
    "relu": _operator("RELU"),
    "relu6": _operator("RELU6"),
    "leaky_relu": _operator("LEAKY_RELU", alpha=0.2),
    "elu": _operator("ELU", alpha=1.0),
    "selu": _operator("SELU", **_SELU),
    "celu": _operator("CELU", alpha=1.0),
    "gelu": _operator("GELU", approximate=False),
    "sigmoid": _operator("LOGISTIC"),
    "tanh": _operator("TANH"),
    "softplus": _operator("SOFTPLUS"),
    "softsign": _operator("SOFTSIGN"),
    "silu": _operator("SILU"),
    "swish": _operator("SILU"),
    "mish": _operator("MISH"),
    "exponential": _operator("EXP"),
    "hard_sigmoid": _hard_sigmoid,
    "hard_silu": _operator("HARD_SWISH"),
    "hard_swish": _operator("HARD_SWISH"),
    "hard_tanh": _operator("RELU_N1_TO_1"),
    "softmax": softmax,
    "log_softmax": partial(softmax, op="LOG_SOFTMAX"),
    "log_sigmoid": _log_sigmoid,
    "tanh_shrink": _tanh_shrink,
    "glu": _glu,
}


def activated(call: LayerCall, x: int, field: str = "activation") -> int:
    """The tensor through the activation that the layer's settings name, a layer of its own named for it."""
    return _activate(call, x, call.config.get(field), own=False)


def _activate(call: LayerCall, x: int, stored: object, *, own: bool) -> int:
    """own: the activation is all that the layer does, so its graph's layer has the layer's name."""
    if isinstance(stored, dict) and "config" in stored and not isinstance(stored["config"], str):
        return _activate_object(call, x, stored)
    name = stored.get("config") if isinstance(stored, dict) else stored
    if name in _KEPT:
        return x
    if not isinstance(name, str) or name not in FUNCTIONS:
        call.refuse(f"its activation is {printable(str(name))}, must be one of {', '.join(sorted(FUNCTIONS))}")
    return FUNCTIONS[name](call, x, "" if own else name)


def _activate_object(call: LayerCall, x: int, stored: dict[str, Any]) -> int:
    """An activation that is a layer itself, such as LeakyReLU, or a function stored with a custom name."""
    config = stored["config"]
    named = {"name": str(stored.get("class_name")).lower(), **config} if isinstance(config, dict) else config
    spec = read_layer({**stored, "config": named}, call.path)
    if spec.kind not in TRANSLATORS:
        call.refuse(f"its activation is {spec.kind}, must be one of {', '.join(sorted(TRANSLATORS))}")
    return call.inner(spec, "activation", (x,), printable(spec.name))[0]


def _activation_layer(call: LayerCall) -> int:
    """The function's own layers: see below for the functions."""
    return _activate(call, call.x, call.config.get("activation"), own=True)


def _relu(call: LayerCall) -> int:
    """RELU, RELU6, LEAKY_RELU or THRESHOLDED_RELU, then MINIMUM where there is a largest value."""
    config, x = call.config, call.x
    slope = config.number("negative_slope", default=0.0)
    threshold = config.number("threshold", default=0.0)
    top = config.get("max_value") and config.number("max_value")
    if slope and threshold:
        call.refuse(f"negative_slope is {slope:g} and threshold {threshold:g}, one of them must be 0")
    if not slope and not threshold and top == 6:
        return call.emit("RELU6", x)
    step = "" if top is None else "relu"
    if slope:
        y = call.emit("LEAKY_RELU", x, step=step, alpha=slope)
    elif threshold:
        y = call.emit("THRESHOLDED_RELU", x, step=step, alpha=threshold)
    else:
        y = call.emit("RELU", x, step=step)
    return y if top is None else call.emit("MINIMUM", y, call.scalar("max_value", top))


def _leaky_relu(call: LayerCall) -> int:
    """LEAKY_RELU."""
    return call.emit("LEAKY_RELU", call.x, alpha=call.config.number("negative_slope", "alpha", default=0.3))


def _elu(call: LayerCall) -> int:
    """ELU."""
    return call.emit("ELU", call.x, alpha=call.config.number("alpha", default=1.0))


def _thresholded_relu(call: LayerCall) -> int:
    """THRESHOLDED_RELU."""
    return call.emit("THRESHOLDED_RELU", call.x, alpha=call.config.number("theta", default=1.0))


def _prelu(call: LayerCall) -> int:
    """PRELU."""
    shape = list(call.shape(call.x)[1:])
    if call.config.get("shared_axes") is not None:
        for axis in call.config.integers("shared_axes", low=1, high=len(shape)):
            shape[axis - 1] = 1
    alpha = call.variables({"alpha": tuple(shape)})["alpha"]
    return call.emit("PRELU", call.x, call.constant("alpha", alpha))


def _softmax_layer(call: LayerCall) -> int:
    """SOFTMAX over one axis, which is moved to the end and back; no mask."""
    if len(call.inputs) > 1:
        call.refuse("it is called with a mask, must be called with one tensor")
    rank = len(call.shape(call.x))
    axes = call.config.axes("axis", rank)
    if len(axes) != 1:
        call.refuse(f"axis is {axes}, must be one dimension")
    return softmax(call, call.x, "", axes[0])


def function_named(config: Config, field: str, names: tuple[str, ...]) -> str:
    """The name of a function that an operator takes as its own activation. Raises UnsupportedError for another one."""
    stored = config.get(field)
    name = stored.get("config") if isinstance(stored, dict) else stored
    if name is None:
        return "linear"
    return config.with_field(field, name).choice(field, names)


TRANSLATORS: dict[str, Translator] = {
    "Activation": _activation_layer,
    "ReLU": _relu,
    "LeakyReLU": _leaky_relu,
    "ELU": _elu,
    "PReLU": _prelu,
    "Softmax": _softmax_layer,
    "ThresholdedReLU": _thresholded_relu,
}
