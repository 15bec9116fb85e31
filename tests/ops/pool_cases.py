"""Hypothesis strategies and models for the pooling operators."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from simref.ops._activation import Activation
from simref.ops._pool import Attributes
from tests.build_tflite import ACTIVATIONS, SAME, VALID, OperatorSpec, TensorSpec, build_model
from tests.executions import check_everywhere, check_executions
from tests.float32_cases import special_values
from tests.ops.convolution_cases import FUSED, outputs, seeds, zero_points
from tests.ops.float_cases import Layers
from tests.oracle import Array


def pool_model(
    op: str,
    x: tuple[int, ...],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    *,
    same: bool = False,
    activation: str = "NONE",
    zero_point: int | None = 3,
) -> bytes:
    """A model of one pooling layer; of float32 without a zero point."""
    y = [outputs(*axis, 1, same) for axis in zip(x[1:3], kernel, stride, strict=True)]
    numbers: dict[str, Any] = {"dtype": "float32"} if zero_point is None else {"scale": 0.04, "zero_point": zero_point}
    specs = [TensorSpec("x", x, **numbers), TensorSpec("y", (x[0], *y, x[3]), **numbers)]
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
def cases(draw: st.DrawFn, op: str, quantized: bool = True) -> tuple[bytes, list[Array]]:
    """Any kernel, stride and padding of small images of int8 or float32."""
    kernel = (draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    stride = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    same = draw(st.booleans())
    size = [draw(st.integers(1 if same else k, 9)) for k in kernel]
    x = (draw(st.sampled_from([1, 1, 2])), *size, draw(st.integers(1, 9)))
    activation, zero_point = draw(st.sampled_from(FUSED)), draw(zero_points) if quantized else None
    model = pool_model(op, x, kernel, stride, same=same, activation=activation, zero_point=zero_point)
    values = np.random.default_rng(draw(seeds)).integers(-128, 128, (3, *x)).astype(np.int8)
    return model, [values if quantized else values.astype(np.float32) / np.float32(13)]


def check_whole_image(op: str) -> None:
    """One window over all pixels, at both ends of the range."""
    model = pool_model(op, (1, 40, 40, 3), (40, 40), (1, 1))
    x = np.full((3, 1, 40, 40, 3), -128, np.int8)
    x[1] = 127
    x[2, ..., 1] = 127
    check_everywhere(model, [x], cores=("cm0plus",))


def float_layers(op: str) -> Layers:
    """Windows inside, across every edge, with gaps, clamped; four channels at a time and the rest; whole images."""
    layers = Layers()
    averages = op == "AVERAGE_POOL_2D"
    cases: list[tuple[tuple[int, ...], tuple[Any, ...]]] = [
        ((1, 5, 6, 6), ((2, 2), (2, 2), (0, 1, 0, 0), Activation.NONE)),
        ((2, 4, 7, 5), ((3, 2), (1, 2), (2, 1, 1, 0), Activation.RELU6, (2, 1), averages)),
        ((1, 3, 4, 8), ((3, 4), (1, 1), (0, 0, 0, 0), Activation.RELU_N1_TO_1, (1, 1), averages)),
    ]
    for x, attributes in cases:
        layers.layer(op, [layers.input(x)], Attributes(*attributes))
    return layers


def check_float_values(op: str) -> None:
    """Zeros of either sign, infinities, NaN and the largest number, inside and beside the padding."""
    layers = Layers()
    layers.layer(op, [layers.input((1, 7, 8, 5))], Attributes((3, 3), (1, 1), (1, 1, 1, 1), Activation.RELU6))
    layers.layer(op, [layers.input((1, 7, 8, 5))], Attributes((2, 2), (1, 1), (1, 1, 1, 1), Activation.NONE))
    rng = np.random.default_rng(0)
    inputs = [rng.choice(special_values(), (3, 1, 7, 8, 5)) for _ in range(2)]
    check_executions(layers.graph(), inputs, cores=("cm3", "cm7"))
