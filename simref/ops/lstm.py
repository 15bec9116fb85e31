"""y[t] = h = a(o) * activation(c), where c = a(f) * c + a(i) * activation(g) and i, f, g, o = W x[t] + R h + b.

a is the recurrent activation. Inputs: x (batch, time, features), W (4 units, features), R (4 units, units), b?, h?, c?;
the gates lie in the order i, f, g, o; the states h and c start as zeros where they are absent. The new c is a
multiply-add, a(f) * c onto the rounded a(i) * activation(g), kept between -cell_clip and cell_clip.
simref/ops/_recurrent.py gives the order of every sum.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simref.float32 import Float32, multiply_add
from simref.graph import Array, Layer
from simref.ops import _recurrent_rules
from simref.ops._numbers import clamp
from simref.ops._op import KernelCall, Op, equation_of
from simref.ops._recurrent import (
    add_products,
    bias_of,
    chosen_results,
    in_columns,
    in_sequences,
    initial_state,
    input_sums,
    recurrent_call,
    recurrent_form,
    walk,
)
from simref.ops._recurrent_activations import CODES, activated
from simref.ops._recurrent_rules import RECURRENT, WEIGHTS
from simref.ops._rules import Custom

BIAS, STATE, CELL = 3, 4, 5
GATES = 4
LAYOUT = _recurrent_rules.Layout(
    gates=GATES, biases=(BIAS,), states=(STATE, CELL), results=("sequence", "hidden", "cell")
)


@dataclass(frozen=True)
class Attributes:
    """activation, recurrent_activation: see _recurrent_activations.ACTIVATIONS. go_backwards: time is walked backwards.

    cell_clip: the bound of c, infinite for none.
    results: what the layer gives, in this order: "sequence", the states h (batch, time, units) in the order of the
    walk; "hidden", the last one (batch, units); "cell", the last c (batch, units).
    """

    activation: str = "tanh"
    recurrent_activation: str = "sigmoid"
    go_backwards: bool = False
    results: tuple[str, ...] = ("sequence",)
    cell_clip: float = math.inf


def _clip_violation(layer: Layer) -> str | None:
    clip = layer.attributes.cell_clip
    return None if clip > 0 else f"cell_clip is {clip}, must be positive"


def _break_clip(layer: Layer) -> Layer:
    return layer.replace(attributes=dataclasses.replace(layer.attributes, cell_clip=0.0))


def macc(layer: Layer) -> int:
    """Steps times (4 units (features + units + 1) + units), as the vendor counts them."""
    return _recurrent_rules.macc(layer, GATES)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """float32 results."""
    a, fused = layer.attributes, layer.fused
    recurrent, bias = layer.constant(RECURRENT), bias_of(layer, BIAS)
    cell, bound = initial_state(layer, inputs, CELL), float(np.float32(a.cell_clip))

    def step(sums: Array, h: Float32) -> Float32:
        gates = np.split(add_products(np.array(sums), h, recurrent, fused) + bias, GATES, axis=-1)
        i, f, o = (activated(a.recurrent_activation, gates[k], fused) for k in (0, 1, 3))
        g = activated(a.activation, gates[2], fused)
        with np.errstate(all="ignore"):
            multiply_add(f, cell, i * g, fused, out=cell)
            cell[...] = clamp(cell, -bound, bound)
            return o * activated(a.activation, cell, fused)

    first = initial_state(layer, inputs, STATE)
    sequence = walk(layer, input_sums(layer, inputs[0]), first, step)
    return chosen_results(layer, sequence, cell)


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same in compiled code."""
    from simref.ops._numba_recurrent import lstm

    a, x = layer.attributes, inputs[0]
    h, cell = (in_sequences(initial_state(layer, inputs, position)) for position in (STATE, CELL))
    weights, recurrent = in_columns(layer)
    codes = CODES[a.activation], CODES[a.recurrent_activation]
    sequence = lstm(
        in_sequences(x),
        weights,
        recurrent,
        bias_of(layer, BIAS),
        h,
        cell,
        codes,
        np.float32(a.cell_clip),
        a.go_backwards,
        layer.fused,
    )
    return chosen_results(layer, sequence.reshape(*x.shape[:3], -1), cell.reshape(*x.shape[:2], -1))


def by_unit(rows: Array) -> Array:
    """(4 units, count) as [unit][count][4]: the gates of a unit side by side."""
    return np.moveaxis(rows.reshape(GATES, -1, rows.shape[1]), 0, -1).ravel()


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call of lstm_f32."""
    a = layer.attributes
    constants = (
        by_unit(layer.constant(WEIGHTS)),
        by_unit(layer.constant(RECURRENT)),
        by_unit(bias_of(layer, BIAS)[:, np.newaxis]),
    )
    params = {
        "activation": CODES[a.activation],
        "recurrent_activation": CODES[a.recurrent_activation],
        "cell_clip": a.cell_clip,
    }
    buffers = 0 if "cell" in a.results else 1
    return (recurrent_call(layer, LAYOUT, "lstm_f32", params, constants, buffers),)


OP = Op(
    name="LSTM",
    equation=equation_of(__doc__),
    tflite=None,
    macc=macc,
    forms=(
        recurrent_form(
            LAYOUT, reference, numba, kernels, Custom("cell_clip is positive", _clip_violation, _break_clip)
        ),
    ),
)
