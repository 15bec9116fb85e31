"""y[t] = h = activation(W x[t] + R h + b), for t in order; the state h starts as input 4 or as zeros.

Inputs: x (batch, time, features), W (units, features), R (units, units), b?, h?. simref/ops/_recurrent.py gives the
order of every sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simref.float32 import Float32
from simref.graph import Array, Layer
from simref.ops import _recurrent_rules
from simref.ops._op import KernelCall, Op, equation_of
from simref.ops._recurrent import (
    add_products,
    bias_of,
    chosen_results,
    in_columns,
    in_sequences,
    initial_state,
    input_sums,
    packed_gates,
    recurrent_call,
    recurrent_form,
    walk,
)
from simref.ops._recurrent_activations import CODES, activated
from simref.ops._recurrent_rules import RECURRENT, WEIGHTS

BIAS, STATE = 3, 4
LAYOUT = _recurrent_rules.Layout(gates=1, biases=(BIAS,), states=(STATE,), results=("sequence", "hidden"))


@dataclass(frozen=True)
class Attributes:
    """activation: see _recurrent_activations.ACTIVATIONS. go_backwards: time is walked from last to first.

    results: what the layer gives, in this order: "sequence", the states (batch, time, units) in the order of the walk;
    "hidden", the last one (batch, units).
    """

    activation: str = "tanh"
    go_backwards: bool = False
    results: tuple[str, ...] = ("sequence",)


def macc(layer: Layer) -> int:
    """Steps times the products and biases."""
    batch, time, features = layer.input(0).shape
    units = _recurrent_rules.units_of(layer)
    return batch * time * units * (features + units + 1)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """float32 results."""
    recurrent, bias = layer.constant(RECURRENT), bias_of(layer, BIAS)

    def step(sums: Array, h: Float32) -> Float32:
        summed = add_products(np.array(sums), h, recurrent, layer.fused) + bias
        return activated(layer.attributes.activation, summed, layer.fused)

    first = initial_state(layer, inputs, STATE)
    return chosen_results(layer, walk(layer, input_sums(layer, inputs[0]), first, step))


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same in compiled code."""
    from simref.ops._numba_recurrent import simple_rnn

    a, (x, h) = layer.attributes, (inputs[0], initial_state(layer, inputs, STATE))
    weights, recurrent = in_columns(layer)
    states = simple_rnn(
        in_sequences(x),
        weights,
        recurrent,
        bias_of(layer, BIAS),
        in_sequences(h),
        CODES[a.activation],
        a.go_backwards,
        layer.fused,
    )
    return chosen_results(layer, states.reshape(*x.shape[:3], -1))


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call of simple_rnn_f32."""
    constants = (
        packed_gates(layer.constant(WEIGHTS), 1),
        packed_gates(layer.constant(RECURRENT), 1),
        bias_of(layer, BIAS),
    )
    params = {"activation": CODES[layer.attributes.activation]}
    return (recurrent_call(layer, LAYOUT, "simple_rnn_f32", params, constants, buffers=0),)


OP = Op(
    name="SIMPLE_RNN",
    equation=equation_of(__doc__),
    tflite=None,
    macc=macc,
    forms=(recurrent_form(LAYOUT, reference, numba, kernels),),
)
