"""The activations of recurrent layers, in float32."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simref.float32 import Float32, multiply_add, sigmoid, tanh
from simref.ops._numbers import clamp

FIFTH, SIXTH, HALF = np.float32(1) / np.float32(5), np.float32(1) / np.float32(6), np.float32(0.5)

ACTIVATIONS: dict[str, Callable[[Float32, bool], Float32]] = {
    "linear": lambda x, fused: x,
    "tanh": tanh,
    "sigmoid": sigmoid,
    "relu": lambda x, fused: clamp(x, 0.0, np.inf),
    "relu6": lambda x, fused: clamp(x, 0.0, 6.0),
    "hard_sigmoid": lambda x, fused: clamp(multiply_add(x, FIFTH, HALF, fused), 0.0, 1.0),
    "hard_sigmoid_3": lambda x, fused: clamp(multiply_add(x, SIXTH, HALF, fused), 0.0, 1.0),
    "softsign": lambda x, fused: np.asarray(x / (np.float32(1) + np.abs(x)), np.float32),
}
"""By name, in the order of runtime_c/activate_f32.h. hard_sigmoid is x / 5 + 1/2 between 0 and 1; hard_sigmoid_3, as in
Keras 3, x / 6 + 1/2; both as one multiply-add."""

CODES = {name: code for code, name in enumerate(ACTIVATIONS)}
"""What runtime_c/activate_f32.h calls them."""


def activated(name: str, x: Float32, fused: bool) -> Float32:
    """An activation of an array."""
    with np.errstate(all="ignore"):
        return ACTIVATIONS[name](x, fused)
