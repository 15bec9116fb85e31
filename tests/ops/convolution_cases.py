"""Hypothesis strategies for operators with int8 weights: one layer whose sums spread over the output range."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.oracle import Array

FUSED = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")
SAMPLES = 3

CaseModel = Callable[..., tuple[bytes, list[Array]]]
"""weights_model, or its float32 twin in float_cases."""

seeds = st.integers(0, 2**32 - 1)
zero_points = st.integers(-128, 127)


def weights_model(
    draw: st.DrawFn,
    op: str,
    *,
    x: Sequence[int],
    w: Sequence[int],
    y: Sequence[int],
    channels_axis: int,
    options: dict[str, Any],
    bias: bool = True,
    per_channel: bool | None = None,
    before: Sequence[TensorSpec] = (),
    order: Sequence[str | None] = ("x", "w", "b"),
) -> tuple[bytes, list[Array]]:
    """A model of one layer of input, weights and bias, and samples of its input.

    x, w, y: shapes. before: constants besides, named in `order`, which is that of the operator's inputs.
    The output scale is drawn so that the sums' standard deviation is 10 to 1000 steps: some saturate, some do not.
    """
    rng = np.random.default_rng(draw(seeds))
    channels, depth = w[channels_axis], int(np.prod(w)) // w[channels_axis]
    per_channel = draw(st.booleans()) if per_channel is None else per_channel
    input_scale = float(rng.uniform(0.001, 0.1))
    scales = rng.uniform(0.0005, 0.05, channels if per_channel else 1)
    spread = input_scale * float(scales.mean()) * 73 * 73 * np.sqrt(depth)
    specs = [
        *before,
        TensorSpec("x", x, scale=input_scale, zero_point=draw(zero_points)),
        TensorSpec("w", w, scale=scales.tolist(), axis=channels_axis, data=rng.integers(-127, 128, w)),
        TensorSpec("y", y, scale=spread / draw(st.sampled_from([10, 50, 1000])), zero_point=draw(zero_points)),
    ]
    if bias:
        data = rng.integers(-20_000, 20_000, channels)
        specs.append(TensorSpec("b", (channels,), "int32", scale=(input_scale * scales).tolist(), data=data))
    names = [name if name != "b" or bias else None for name in order]
    model = build_model(specs, [OperatorSpec(op, names, ["y"], options)], ["x"], ["y"])
    return model, [rng.integers(-128, 128, (SAMPLES, *x)).astype(np.int8)]


def outputs(size: int, kernel: int, stride: int, dilation: int, same: bool) -> int:
    """How many windows TFLite's SAME or VALID gives along one axis."""
    return -(-size // stride) if same else (size - (kernel - 1) * dilation - 1) // stride + 1
