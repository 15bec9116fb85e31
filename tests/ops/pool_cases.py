"""Hypothesis strategies and models for the pooling operators."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.build_tflite import ACTIVATIONS, SAME, VALID, OperatorSpec, TensorSpec, build_model
from tests.ops.convolution_cases import FUSED, outputs, seeds, zero_points
from tests.oracle import Array


def pool_model(
    op: str,
    x: tuple[int, ...],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    *,
    same: bool = False,
    activation: str = "NONE",
    zero_point: int = 3,
) -> bytes:
    """A model of one pooling layer."""
    y = [outputs(*axis, 1, same) for axis in zip(x[1:3], kernel, stride, strict=True)]
    specs = [
        TensorSpec("x", x, scale=0.04, zero_point=zero_point),
        TensorSpec("y", (x[0], *y, x[3]), scale=0.04, zero_point=zero_point),
    ]
    options = {
        "padding": SAME if same else VALID,
        "filterHeight": kernel[0],
        "filterWidth": kernel[1],
        "strideH": stride[0],
        "strideW": stride[1],
        "fusedActivationFunction": ACTIVATIONS[activation],
    }
    return build_model(specs, [OperatorSpec(op, ["x"], ["y"], options)], ["x"], ["y"])


@st.composite
def cases(draw: st.DrawFn, op: str) -> tuple[bytes, list[Array]]:
    """Any kernel, stride and padding of small images."""
    kernel = (draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    stride = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    same = draw(st.booleans())
    size = [draw(st.integers(1 if same else k, 9)) for k in kernel]
    x = (draw(st.sampled_from([1, 1, 2])), *size, draw(st.integers(1, 9)))
    activation, zero_point = draw(st.sampled_from(FUSED)), draw(zero_points)
    model = pool_model(op, x, kernel, stride, same=same, activation=activation, zero_point=zero_point)
    return model, [np.random.default_rng(draw(seeds)).integers(-128, 128, (3, *x)).astype(np.int8)]
