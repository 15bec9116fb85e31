"""The recurrent layers in compiled code; imported only where they run.

x: float32 (sequences, time, features). w, r: transposed, (features, rows) and (units, rows). h: (sequences, units), the
first states, which are overwritten. The result is (sequences, time, units), in the order of the walk.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from simref.graph import Array
from simref.ops._numba_float32 import multiply_add, sigmoid, tanh
from simref.ops._recurrent_activations import CODES, FIFTH, HALF, SIXTH

_TANH, _SIGMOID, _RELU, _RELU6 = CODES["tanh"], CODES["sigmoid"], CODES["relu"], CODES["relu6"]
_HARD_SIGMOID, _HARD_SIGMOID_3, _SOFTSIGN = CODES["hard_sigmoid"], CODES["hard_sigmoid_3"], CODES["softsign"]
_ZERO, _ONE, _SIX = np.float32(0), np.float32(1), np.float32(6)


@njit(cache=True, nogil=True)
def _within(x: Any, low: Any, high: Any) -> Any:
    raised = low if x < low else x
    return high if raised > high else raised


@njit(cache=True, nogil=True, error_model="numpy")
def _activated(code: Any, x: Any, fused: Any) -> Any:
    y = x
    if code == _TANH:
        y = tanh(x, fused)
    elif code == _SIGMOID:
        y = sigmoid(x, fused)
    elif code == _RELU:
        y = _ZERO if x < _ZERO else x
    elif code == _RELU6:
        y = _within(x, _ZERO, _SIX)
    elif code == _HARD_SIGMOID:
        y = _within(multiply_add(x, FIFTH, HALF, fused), _ZERO, _ONE)
    elif code == _HARD_SIGMOID_3:
        y = _within(multiply_add(x, SIXTH, HALF, fused), _ZERO, _ONE)
    elif code == _SOFTSIGN:
        y = x / (_ONE + abs(x))
    return y


@njit(cache=True, nogil=True)
def _add_products(sums: Array, x: Array, weights: Array, fused: Any) -> None:
    for k in range(len(x)):
        value, column = x[k], weights[k]
        for row in range(len(sums)):
            sums[row] = multiply_add(value, column[row], sums[row], fused)


@njit(cache=True, nogil=True)
def simple_rnn(x: Array, w: Array, r: Array, b: Array, h: Array, code: Any, backwards: Any, fused: Any) -> Any:
    """SIMPLE_RNN; code: of the activation."""
    sequences, steps, _ = x.shape
    units = len(b)
    y = np.empty((sequences, steps, units), np.float32)
    for n in range(sequences):
        state = h[n]
        for t in range(steps):
            sums = np.zeros(units, np.float32)
            _add_products(sums, x[n, steps - 1 - t if backwards else t], w, fused)
            _add_products(sums, state, r, fused)
            for j in range(units):
                state[j] = _activated(code, sums[j] + b[j], fused)
            y[n, t] = state
    return y


@njit(cache=True, nogil=True)
def lstm(
    x: Array, w: Array, r: Array, b: Array, h: Array, c: Array, codes: Any, clip: Any, backwards: Any, fused: Any
) -> Any:
    """LSTM; codes: of activation and recurrent activation. c: first cells, overwritten by the last ones; clip: their
    bound.
    """
    sequences, steps, _ = x.shape
    units = len(b) // 4
    y = np.empty((sequences, steps, units), np.float32)
    for n in range(sequences):
        state, cell = h[n], c[n]
        for t in range(steps):
            sums = np.zeros(4 * units, np.float32)
            _add_products(sums, x[n, steps - 1 - t if backwards else t], w, fused)
            _add_products(sums, state, r, fused)
            sums += b
            for j in range(units):
                i = _activated(codes[1], sums[j], fused)
                f = _activated(codes[1], sums[units + j], fused)
                g = _activated(codes[0], sums[2 * units + j], fused)
                o = _activated(codes[1], sums[3 * units + j], fused)
                cell[j] = _within(multiply_add(f, cell[j], i * g, fused), -clip, clip)
                state[j] = o * _activated(codes[0], cell[j], fused)
            y[n, t] = state
    return y


@njit(cache=True, nogil=True)
def gru(
    x: Array, w: Array, r: Array, b: Array, h: Array, codes: Any, reset_after: Any, backwards: Any, fused: Any
) -> Any:
    """GRU; codes: of activation and recurrent activation. b: (3 units,) or, with reset_after, (4 units,)."""
    sequences, steps, _ = x.shape
    units = h.shape[1]
    y = np.empty((sequences, steps, units), np.float32)
    for n in range(sequences):
        state = h[n]
        for t in range(steps):
            sums = np.zeros(3 * units, np.float32)
            _add_products(sums, x[n, steps - 1 - t if backwards else t], w, fused)
            gates, new = sums[: 2 * units], sums[2 * units :]
            _add_products(gates, state, r[:, : 2 * units], fused)
            for j in range(2 * units):
                gates[j] = _activated(codes[1], gates[j] + b[j], fused)
            reset = gates[units:]
            if reset_after:
                from_state = np.zeros(units, np.float32)
                _add_products(from_state, state, r[:, 2 * units :], fused)
                for j in range(units):
                    of_input = new[j] + b[2 * units + j]
                    new[j] = multiply_add(reset[j], from_state[j] + b[3 * units + j], of_input, fused)
            else:
                _add_products(new, reset * state, r[:, 2 * units :], fused)
                new += b[2 * units :]
            for j in range(units):
                fresh = _activated(codes[0], new[j], fused)
                state[j] = multiply_add(gates[j], state[j] - fresh, fresh, fused)
            y[n, t] = state
    return y
