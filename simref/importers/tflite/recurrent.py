"""TFLite's recurrent operators as LSTM and SIMPLE_RNN layers, whose states start as zeros."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array, Layer, Node, Tensor
from simref.importers.tflite.reader import STATES
from simref.ops import lstm, simple_rnn
from simref.ops.transpose import Attributes as Transpose

# TFLite's ActivationFunctionType.
_ACTIVATIONS = {0: "linear", 1: "relu", 3: "relu6", 4: "tanh"}
_GATES = ("input", "forget", "cell", "output")
# The first operands of each kind, one for each gate; those in between are optional parts that no layer here has.
_INPUT_WEIGHTS, _RECURRENT_WEIGHTS, _BIASES = 1, 5, 12
_REFUSED = {
    "peephole weights": (9, 10, 11),
    "a projection": (16, 17),
    "layer normalization": (20, 21, 22, 23),
}
_SWAPPED = Transpose((1, 0, 2))
_WAY_OUT = "Give the model in another format, or convert it with such layers unrolled."


def convert_lstm(layer: Layer, node: Node, tensors: list[Tensor]) -> list[Node]:
    """UNIDIRECTIONAL_SEQUENCE_LSTM as one LSTM, between two TRANSPOSEs where time is the first dimension."""
    options = layer.attributes
    for part, positions in _REFUSED.items():
        if any(layer.optional_input(position) is not None for position in positions):
            raise UnsupportedError(f"has {part}, must have none. {_WAY_OUT}")
    if layer.optional_input(_INPUT_WEIGHTS) is None:
        raise UnsupportedError(f"couples its input and forget gates, must have both. {_WAY_OUT}")
    _check_states(layer)
    weights, recurrent = (_gates(layer, first, "weights") for first in (_INPUT_WEIGHTS, _RECURRENT_WEIGHTS))
    biases = _gates(layer, _BIASES, "bias")
    activation = _activation(options)
    steps = layer.input(0).shape[0 if options.TimeMajor() else 1]
    clip = _cell_clip(options.CellClip(), activation, steps)
    attributes = lstm.Attributes(activation=activation, cell_clip=clip)
    return _sequence(node, "LSTM", (weights, recurrent, biases), attributes, bool(options.TimeMajor()), tensors)


def convert_rnn(layer: Layer, node: Node, tensors: list[Tensor]) -> list[Node]:
    """UNIDIRECTIONAL_SEQUENCE_RNN as one SIMPLE_RNN, between two TRANSPOSEs where time is the first dimension."""
    options = layer.attributes
    _check_states(layer)
    constants = tuple(_constant(layer, position, "weights") for position in (1, 2, 3))
    attributes = simple_rnn.Attributes(_activation(options))
    return _sequence(node, "SIMPLE_RNN", constants, attributes, bool(options.TimeMajor()), tensors)


def _check_states(layer: Layer) -> None:
    """The reader leaves out states that are variables: zeros when a run starts."""
    if any(layer.optional_input(position) is not None for position in STATES[layer.op]):
        raise UnsupportedError("its first state is computed or stored, must be a variable that starts as zeros")


def _cell_clip(stored: float, activation: str, steps: int) -> float:
    """The bound of the cells; infinite where it cannot act: with tanh they grow by at most 1 in a step."""
    if math.isnan(stored) or stored < 0:
        raise ModelError(f"cell_clip is {stored}, must be a positive number, or 0 for none")
    return math.inf if stored == 0 or (activation == "tanh" and stored >= steps) else stored


def _activation(options: object) -> str:
    code = getattr(options, "FusedActivationFunction")()  # noqa: B009
    if code not in _ACTIVATIONS:
        raise UnsupportedError(f"activation code is {code}, must be NONE, RELU, RELU6 or TANH")
    return _ACTIVATIONS[code]


def _gates(layer: Layer, first: int, kind: str) -> Array:
    """The constants of the four gates, one below the other."""
    parts = [_constant(layer, first + k, f"{kind} of its {gate} gate") for k, gate in enumerate(_GATES)]
    if len({part.shape for part in parts}) != 1:
        raise ModelError(f"{kind} of its gates have the shapes {[part.shape for part in parts]}, must have one shape")
    return np.concatenate(parts)


def _constant(layer: Layer, position: int, kind: str) -> Array:
    tensor = layer.optional_input(position)
    if tensor is None or tensor.data is None or tensor.data.ndim == 0 or tensor.dtype != np.float32:
        raise UnsupportedError(f"input {position}, {kind}, must be a float32 constant. {_WAY_OUT}")
    return tensor.data


def _sequence(
    node: Node, op: str, constants: Sequence[Array], attributes: object, time_major: bool, tensors: list[Tensor]
) -> list[Node]:
    def new(name: str, data: Array | None = None, shape: tuple[int, ...] = (1, 1, 1)) -> int:
        kept = shape if data is None else data.shape
        tensors.append(Tensor(f"{node.name}/{name}", kept, np.dtype(np.float32), data=data))
        return len(tensors) - 1

    names = ("weights", "recurrent_weights", "bias")
    operands = tuple(new(name, data) for name, data in zip(names, constants, strict=True))
    if not time_major:
        return [Node(op, node.name, (node.inputs[0], *operands), node.outputs, attributes)]
    x, y = new("batch_major"), new("sequence")
    return [
        Node("TRANSPOSE", f"{node.name}/batch_major", (node.inputs[0],), (x,), _SWAPPED),
        Node(op, node.name, (x, *operands), (y,), attributes),
        Node("TRANSPOSE", f"{node.name}/time_major", (y,), node.outputs, _SWAPPED),
    ]
