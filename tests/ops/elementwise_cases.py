"""Hypothesis strategies for the tests of elementwise operators: shapes that broadcast, scales, zero points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from tests.build_tflite import ACTIVATIONS, OperatorSpec, TensorSpec, build_model
from tests.executions import check_everywhere
from tests.oracle import Array

FUSED = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")

zero_points = st.integers(-128, 127)


def scales(low: float = 1e-4, high: float = 10.0) -> st.SearchStrategy[float]:
    """float32 scales, spread evenly over the powers of ten, and the round ones that make ties."""
    spread = st.floats(float(np.log10(low)), float(np.log10(high))).map(lambda e: float(np.float32(10.0**e)))
    round_ones = [2.0**e for e in range(-14, 4) if low <= 2.0**e <= high]
    return st.one_of(spread, st.sampled_from(round_ones))


@st.composite
def broadcast_shapes(draw: st.DrawFn, max_rank: int = 6) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Two shapes that broadcast: ranks may differ, any dimension may be 1 on either side, or both are equal."""
    shape = tuple(draw(st.lists(st.integers(1, 4), max_size=max_rank)))
    if draw(st.booleans()):
        return shape, shape

    def thinned() -> tuple[int, ...]:
        dropped = draw(st.integers(0, len(shape)))
        return tuple(n if draw(st.booleans()) else 1 for n in shape[dropped:])

    first, second = thinned(), thinned()
    return (shape, second) if draw(st.booleans()) else (first, second)


def int8_values(seed: int, shape: tuple[int, ...]) -> Array:
    """Uniform over int8."""
    return np.random.default_rng(seed).integers(-128, 128, shape).astype(np.int8)


def binary_model(op: str, a: TensorSpec, b: TensorSpec, y: TensorSpec, activation: str | None = "NONE") -> bytes:
    """A model of one binary operator; an operand with data is stored in the model, the others are its inputs."""
    options = {} if activation is None else {"fusedActivationFunction": ACTIVATIONS[activation]}
    inputs = [tensor.name for tensor in (a, b) if tensor.data is None]
    return build_model([a, b, y], [OperatorSpec(op, [a.name, b.name], [y.name], options)], inputs, [y.name])


@st.composite
def binary_cases(draw: st.DrawFn, op: str, *, output_over_input: tuple[float, float]) -> tuple[bytes, list[Array]]:
    """A model of a quantized binary operator and 3 samples for each of its inputs.

    output_over_input: the range of the output scale, as a multiple of the larger input scale.
    """
    shapes, seed = draw(broadcast_shapes()), draw(st.integers(0, 2**32 - 1))
    constant = draw(st.sampled_from([None, None, "a", "b"]))
    input_scales = (draw(scales()), draw(scales()))
    specs = [
        TensorSpec(
            name, shape, "int8", scale, draw(zero_points), data=int8_values(seed, shape) if name == constant else None
        )
        for name, shape, scale in zip("ab", shapes, input_scales, strict=True)
    ]
    # Below 6 / 2**31 TFLite refuses a fused RELU6, whose bound would not fit int32.
    scale = max(max(input_scales) * draw(scales(*output_over_input)), 1e-8)
    y = TensorSpec("y", np.broadcast_shapes(*shapes), "int8", scale, draw(zero_points))
    model = binary_model(op, specs[0], specs[1], y, draw(st.sampled_from(FUSED)))
    inputs = [int8_values(seed + i, (3, *s.shape)) for i, s in enumerate(specs) if s.data is None]
    return model, inputs


def channel_constant_model(op: str) -> bytes:
    """y = relu(x op c) with a constant per channel."""
    return binary_model(
        op,
        TensorSpec("x", (1, 3, 3, 4), scale=0.05, zero_point=-3),
        TensorSpec("c", (4,), scale=0.02, zero_point=5, data=[-100, 7, 0, 90]),
        TensorSpec("y", (1, 3, 3, 4), scale=0.06, zero_point=-20),
        "RELU",
    )


def check_every_pair(op: str, scales: Sequence[tuple[float, float, float]]) -> None:
    """All 65,536 pairs of operands, for some scales of both operands and the output, with both multiply paths."""
    grid = np.meshgrid(np.arange(-128, 128), np.arange(-128, 128), indexing="ij")
    pair = [axis.astype(np.int8).reshape(1, 1, -1) for axis in grid]
    for three in scales:
        a, b, y = (TensorSpec(n, (1, 65536), scale=s, zero_point=3) for n, s in zip("aby", three, strict=True))
        check_everywhere(binary_model(op, a, b, y), pair, cores=("cm0plus", "cm3"))
