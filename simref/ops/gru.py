"""y[t] = h = a(z) * (h - n) + n, where n = activation(W x[t] + R (a(r) * h) + b) and z, r = W x[t] + R h + b.

a is the recurrent activation. Inputs: x (batch, time, features), W (3 units, features), R (3 units, units), b?,
recurrent b?, h?; the gates lie in the order z, r, n; the state h starts as zeros where it is absent.

    z = W x + R h + b,  r = W x + R h + b, with both biases added beforehand
    n = activation(a(r) * (R h + recurrent b) + (W x + b))    with reset_after, the outer sum a multiply-add
    n = activation(W x + R (a(r) * h) + b)                    without it, with both biases added beforehand

simref/ops/_recurrent.py gives the order of every sum; the sum over h alone starts at +0.0 too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simref.float32 import Float32, multiply_add
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
from simref.ops._recurrent_rules import RECURRENT, WEIGHTS, units_of

BIAS, RECURRENT_BIAS, STATE = 3, 4, 5
GATES = 3
LAYOUT = _recurrent_rules.Layout(
    gates=GATES, biases=(BIAS, RECURRENT_BIAS), states=(STATE,), results=("sequence", "hidden")
)


@dataclass(frozen=True)
class Attributes:
    """activation, recurrent_activation: see _recurrent_activations.ACTIVATIONS. go_backwards: time is walked backwards.

    reset_after: the reset gate is applied after the product with the state, see the equation.
    results: what the layer gives, in this order: "sequence", the states (batch, time, units) in the order of the walk;
    "hidden", the last one (batch, units).
    """

    activation: str = "tanh"
    recurrent_activation: str = "sigmoid"
    reset_after: bool = True
    go_backwards: bool = False
    results: tuple[str, ...] = ("sequence",)


def macc(layer: Layer) -> int:
    """Steps times (3 units (features + units + 1) + units), after the vendor's rule for LSTM."""
    return _recurrent_rules.macc(layer, GATES)


def biases(layer: Layer) -> Float32:
    """(3 units,), with reset_after (4 units,): the biases of z, r, n, the last the one of R h of n."""
    b, recurrent = bias_of(layer, BIAS), bias_of(layer, RECURRENT_BIAS)
    split = 2 * units_of(layer)
    if not layer.attributes.reset_after:
        return np.asarray(b + recurrent, np.float32)
    return np.concatenate([b[:split] + recurrent[:split], b[split:], recurrent[split:]])


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """float32 results."""
    a, fused, units = layer.attributes, layer.fused, units_of(layer)
    recurrent, bias = layer.constant(RECURRENT), biases(layer)
    of_gates, of_state = recurrent[: 2 * units], recurrent[2 * units :]

    def new(sums: Array, r: Float32, h: Float32) -> Float32:
        if not a.reset_after:
            return add_products(np.array(sums), r * h, of_state, fused) + bias[2 * units :]
        from_state = add_products(np.zeros_like(h), h, of_state, fused) + bias[3 * units :]
        return multiply_add(r, from_state, sums + bias[2 * units : 3 * units], fused)

    def step(sums: Array, h: Float32) -> Float32:
        gates = add_products(np.array(sums[..., : 2 * units]), h, of_gates, fused) + bias[: 2 * units]
        z, r = np.split(activated(a.recurrent_activation, gates, fused), 2, axis=-1)
        with np.errstate(all="ignore"):
            n = activated(a.activation, new(sums[..., 2 * units :], r, h), fused)
            return multiply_add(z, h - n, n, fused)

    first = initial_state(layer, inputs, STATE)
    return chosen_results(layer, walk(layer, input_sums(layer, inputs[0]), first, step))


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same in compiled code."""
    from simref.ops._numba_recurrent import gru

    a, x, h = layer.attributes, inputs[0], in_sequences(initial_state(layer, inputs, STATE))
    weights, recurrent = in_columns(layer)
    codes = CODES[a.activation], CODES[a.recurrent_activation]
    sequence = gru(
        in_sequences(x), weights, recurrent, biases(layer), h, codes, a.reset_after, a.go_backwards, layer.fused
    )
    return chosen_results(layer, sequence.reshape(*x.shape[:3], -1))


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call of gru_f32."""
    a = layer.attributes
    constants = (
        packed_gates(layer.constant(WEIGHTS), GATES),
        packed_gates(layer.constant(RECURRENT), GATES),
        biases(layer),
    )
    params = {
        "activation": CODES[a.activation],
        "recurrent_activation": CODES[a.recurrent_activation],
        "reset_after": int(a.reset_after),
    }
    return (recurrent_call(layer, LAYOUT, "gru_f32", params, constants, buffers=2 if a.reset_after else 1),)


OP = Op(
    name="GRU",
    equation=equation_of(__doc__),
    tflite=None,
    macc=macc,
    forms=(recurrent_form(LAYOUT, reference, numba, kernels),),
)
