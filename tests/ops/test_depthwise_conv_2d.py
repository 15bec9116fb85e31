from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Graph
from simref.importers.tflite import import_tflite
from simref.ops import check_layer
from simref.ops._activation import Activation
from simref.ops.depthwise_conv_2d import OP, Attributes, buffer
from tests.build_tflite import ACTIVATIONS, SAME, VALID, OperatorSpec, TensorSpec, build_model
from tests.executions import check_everywhere, check_executions, check_reference
from tests.ops.convolution_cases import FUSED, CaseModel, outputs, weights_model
from tests.ops.float_cases import Layers
from tests.oracle import Array, random_inputs


@st.composite
def cases(draw: st.DrawFn, model: CaseModel = weights_model) -> tuple[bytes, list[Array]]:
    """Any kernel, stride, dilation, padding, multiplier and batch of small images."""
    channels, multiplier = draw(st.integers(1, 6)), draw(st.sampled_from([1, 1, 2, 3]))
    kernel = draw(st.one_of(st.just((3, 3)), st.tuples(st.integers(1, 5), st.integers(1, 5))))
    stride = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    dilation = (draw(st.integers(1, 3)), draw(st.integers(1, 3))) if stride == (1, 1) else (1, 1)
    same = draw(st.booleans())
    size = [draw(st.integers(1 if same else (k - 1) * d + 1, 14)) for k, d in zip(kernel, dilation, strict=True)]
    y = [outputs(*axis, same) for axis in zip(size, kernel, stride, dilation, strict=True)]
    batch = draw(st.sampled_from([1, 1, 2]))
    options = {
        "padding": SAME if same else VALID,
        "strideH": stride[0],
        "strideW": stride[1],
        "depthMultiplier": multiplier,
        "dilationHFactor": dilation[0],
        "dilationWFactor": dilation[1],
        "fusedActivationFunction": ACTIVATIONS[draw(st.sampled_from(FUSED))],
    }
    return model(
        draw,
        "DEPTHWISE_CONV_2D",
        x=(batch, *size, channels),
        w=(1, *kernel, channels * multiplier),
        y=(batch, *y, channels * multiplier),
        channels_axis=3,
        options=options,
    )


def depthwise_model(size: int, channels: int, *, kernel: int = 3, stride: int = 1, padding: int = SAME) -> bytes:
    rng = np.random.default_rng(1)
    w, y = (1, kernel, kernel, channels), outputs(size, kernel, stride, 1, padding == SAME)
    scales = [0.01 + 0.001 * c for c in range(channels)]
    specs = [
        TensorSpec("x", (1, size, size, channels), scale=0.02, zero_point=-5),
        TensorSpec("w", w, scale=scales, axis=3, data=rng.integers(-127, 128, w)),
        TensorSpec("b", (channels,), "int32", scale=1e-4, data=rng.integers(-999, 999, channels)),
        TensorSpec("y", (1, y, y, channels), scale=0.05, zero_point=-100),
    ]
    options = {
        "padding": padding,
        "strideH": stride,
        "strideW": stride,
        "depthMultiplier": 1,
        "fusedActivationFunction": ACTIVATIONS["RELU"],
    }
    return build_model(specs, [OperatorSpec("DEPTHWISE_CONV_2D", ["x", "w", "b"], ["y"], options)], ["x"], ["y"])


def sample() -> bytes:
    """3x3, SAME, five channels, per channel, with bias and RELU."""
    return depthwise_model(6, 5)


def float_layers(count: int | None = None) -> Layers:
    """Four channels at a time and the rest, several outputs per channel, a single channel, edges all around."""
    layers = Layers()
    cases: list[tuple[tuple[int, ...], tuple[int, ...], tuple[Any, ...], bool]] = [
        ((1, 5, 11, 6), (1, 3, 3, 6), ((1, 1), (1, 1), (1, 1, 1, 1), 1, Activation.RELU), True),
        ((2, 4, 9, 2), (1, 2, 3, 6), ((1, 2), (2, 1), (0, 2, 1, 3), 3, Activation.RELU6), True),
        ((1, 3, 13, 1), (1, 3, 4, 1), ((2, 1), (1, 1), (0, 0, 4, 1), 1, Activation.NONE), False),
        ((1, 6, 9, 8), (1, 2, 2, 8), ((1, 1), (3, 4), (9, 0, 1, 1), 1, Activation.NONE), False),
    ]
    for x, w, attributes, bias in cases[:count]:
        inputs = [layers.input(x), layers.constant(w), layers.constant(w[3:]) if bias else None]
        layers.layer("DEPTHWISE_CONV_2D", inputs, Attributes(*attributes))
    return layers


def samples() -> list[bytes | Graph]:
    """One layer of int8 and one of float32."""
    return [sample(), float_layers(1).graph()]


@given(cases())
@settings(max_examples=150, deadline=None)
def test_reference_equals_oracle(case: tuple[bytes, list[Array]]) -> None:
    check_reference(*case)


@given(cases())
@settings(max_examples=15, deadline=None)
def test_executions_agree(case: tuple[bytes, list[Array]]) -> None:
    check_everywhere(*case)


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))


@pytest.mark.parametrize(("size", "channels", "band"), [(40, 1, 1), (20, 4, 4), (5, 16, 5)])
@pytest.mark.parametrize("stride", [1, 2])
def test_bands(size: int, channels: int, band: int, stride: int) -> None:
    """Wide images go row by row through the buffer, small ones at once."""
    model = depthwise_model(size, channels, stride=stride)
    layer = import_tflite(model).layers[0]
    assert stride == 2 or buffer(layer).band == band
    assert OP.form(layer).in_place(layer) == (0,)
    check_everywhere(model, random_inputs(model, 2), cores=("cm0plus", "cm3"))


def test_tall_kernel_in_bands() -> None:
    model = depthwise_model(12, 1, kernel=9)
    assert buffer(import_tflite(model).layers[0]).band < 12
    check_everywhere(model, random_inputs(model, 2), cores=("cm3",))


def test_an_output_that_overtakes_its_input_is_not_in_place() -> None:
    """Ten rows of padding above, stride 2: the first rows of the output are due before a row of the input is read."""
    layer = import_tflite(depthwise_model(12, 1, stride=2)).layers[0]
    pads = dataclasses.replace(layer.attributes, pads=(10, 0, 0, 0))
    output = dataclasses.replace(layer.output, shape=(1, 10, 5, 1))
    padded = layer.replace(attributes=pads, outputs=(output,))
    check_layer(padded)
    assert OP.form(padded).in_place(padded) == ()


def test_a_float_activation_counts() -> None:
    first, *_, last = float_layers().graph().layers
    assert OP.macc(first) == first.output.elements * (9 + 1) + 6
    assert OP.macc(last) == last.output.elements * 4


@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("bits", [4, 8])
def test_compressed_weights_give_the_sums_of_their_values(bits: int, per_channel: bool) -> None:
    layers = Layers()
    for x, channels, multiplier in [((1, 4, 7, 6), 6, 1), ((1, 5, 5, 3), 6, 2)]:
        weights = layers.compressed((1, 3, 3, channels), bits, 3, per_channel=per_channel)
        attributes = Attributes((1, 1), (1, 1), (1, 1, 1, 1), multiplier, Activation.RELU)
        layers.layer("DEPTHWISE_CONV_2D", [layers.input(x), weights, layers.constant((channels,))], attributes)
    graph = layers.graph()
    assert {OP.form(layer).kernels(layer)[0].kernel for layer in graph.layers} == {"depthwise_conv_2d_lut_f32"}
    check_executions(graph, layers.inputs)
