from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.errors import UnsupportedError
from simref.graph import Graph
from simref.importers.tflite import import_tflite
from simref.interpreter import run
from simref.ops import check_layer
from simref.ops._activation import Activation
from simref.ops._convolution import ConvAttributes
from simref.ops.conv_2d import OP
from tests.build_tflite import ACTIVATIONS, SAME, VALID, OperatorSpec, TensorSpec, build_model
from tests.executions import check_everywhere, check_executions, check_reference
from tests.float32_cases import special_values
from tests.ops.convolution_cases import FUSED, CaseModel, outputs, weights_model
from tests.ops.float_cases import Layers, stored_bytes
from tests.oracle import Array, random_inputs


@st.composite
def cases(draw: st.DrawFn, model: CaseModel = weights_model) -> tuple[bytes, list[Array]]:
    """Any kernel, stride, dilation, padding, groups and batch of small images."""
    groups, share, depth = draw(st.sampled_from([1, 1, 1, 2, 3])), draw(st.integers(1, 7)), draw(st.integers(1, 5))
    kernel = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    stride = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    dilation = (draw(st.integers(1, 3)), draw(st.integers(1, 3))) if stride == (1, 1) else (1, 1)
    same = draw(st.booleans())
    size = [draw(st.integers(1 if same else (k - 1) * d + 1, 10)) for k, d in zip(kernel, dilation, strict=True)]
    y = [outputs(*axis, same) for axis in zip(size, kernel, stride, dilation, strict=True)]
    batch = draw(st.sampled_from([1, 1, 2]))
    options = {
        "padding": SAME if same else VALID,
        "strideH": stride[0],
        "strideW": stride[1],
        "dilationHFactor": dilation[0],
        "dilationWFactor": dilation[1],
        "fusedActivationFunction": ACTIVATIONS[draw(st.sampled_from(FUSED))],
    }
    return model(
        draw,
        "CONV_2D",
        x=(batch, *size, groups * depth),
        w=(groups * share, *kernel, depth),
        y=(batch, *y, groups * share),
        channels_axis=0,
        options=options,
    )


def conv_model(  # one convolution with chosen weights
    x: TensorSpec, w: TensorSpec, b: TensorSpec, y: TensorSpec, padding: int = SAME, **options: int
) -> bytes:
    steps = {"strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1, **options}
    operator = OperatorSpec("CONV_2D", ["x", "w", "b"], ["y"], {"padding": padding, **steps})
    return build_model([x, w, b, y], [operator], ["x"], ["y"])


def sample() -> bytes:
    """Six 3x3 filters, per channel, SAME, with bias and RELU."""
    rng = np.random.default_rng(1)
    return conv_model(
        TensorSpec("x", (1, 5, 6, 3), scale=0.02, zero_point=-5),
        TensorSpec(
            "w", (6, 3, 3, 3), scale=[0.01 + 0.001 * c for c in range(6)], data=rng.integers(-127, 128, (6, 27))
        ),
        TensorSpec("b", (6,), "int32", scale=1e-4, data=rng.integers(-999, 999, 6)),
        TensorSpec("y", (1, 5, 6, 6), scale=0.1, zero_point=-128),
        fusedActivationFunction=ACTIVATIONS["RELU"],
    )


def float_layers(count: int | None = None) -> Layers:
    """Convolutions of every way through the float kernel: edges, tiles of four pixels and channels, and the rest."""
    layers = Layers()
    cases: list[tuple[tuple[int, ...], tuple[int, ...], tuple[Any, ...], bool]] = [
        ((1, 5, 11, 3), (6, 3, 3, 3), ((1, 1), (1, 1), (1, 1, 1, 1), Activation.RELU), True),
        ((2, 4, 9, 4), (10, 2, 3, 2), ((1, 2), (2, 1), (0, 2, 1, 3), Activation.RELU6), True),
        ((1, 3, 3, 5), (9, 1, 1, 5), ((1, 1), (1, 1), (0, 0, 0, 0), Activation.NONE), False),
        ((1, 1, 13, 1), (1, 1, 4, 1), ((1, 1), (1, 3), (0, 0, 20, 1), Activation.RELU_N1_TO_1), False),
    ]
    for x, w, attributes, bias in cases[:count]:
        inputs = [layers.input(x), layers.constant(w), layers.constant(w[:1]) if bias else None]
        layers.layer("CONV_2D", inputs, ConvAttributes(*attributes))
    return layers


def samples() -> list[bytes | Graph]:
    """One layer of int8 and one of float32."""
    return [sample(), float_layers(1).graph()]


@given(cases())
@settings(max_examples=150, deadline=None)
def test_reference_equals_oracle(case: tuple[bytes, list[Array]]) -> None:
    check_reference(*case)


@given(cases())
@settings(max_examples=12, deadline=None)
def test_executions_agree(case: tuple[bytes, list[Array]]) -> None:
    check_everywhere(*case)


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))


@pytest.mark.parametrize("scale", [1e-7, 2.0**-9, 0.25, 0.4, 0.5, 0.75, 1.0, 3.0])
def test_every_sum_is_rounded_alike(scale: float) -> None:
    """One tap of weight 127 plus biases reaches all residues; factors from tiny to above one, exact ties among them."""
    channels = 9
    model = conv_model(
        TensorSpec("x", (1, 16, 16, 1), scale=1.0, zero_point=-1),
        TensorSpec("w", (channels, 1, 1, 1), scale=1.0, data=[-127, -64, -3, -1, 0, 1, 2, 77, 127]),
        TensorSpec("b", (channels,), "int32", scale=1.0, data=np.arange(-4, 5) * 7),
        TensorSpec("y", (1, 16, 16, channels), scale=1 / scale, zero_point=3),
    )
    check_everywhere(model, [np.arange(-128, 128).astype(np.int8).reshape(1, 1, 16, 16, 1)], cores=("cm0plus", "cm3"))


def test_sums_beyond_float32_are_exact() -> None:
    """3000 products of one sign pass 2**24, where float32 would drop units."""
    depth = 3000
    model = conv_model(
        TensorSpec("x", (1, 1, 2, depth), scale=1.0, zero_point=-128),
        TensorSpec("w", (5, 1, 1, depth), scale=1.0, data=np.full((5, depth), 127) - np.arange(5).reshape(5, 1)),
        TensorSpec("b", (5,), "int32", scale=1.0, data=[-(depth * 255 * (127 - c)) + c for c in range(5)]),
        TensorSpec("y", (1, 1, 2, 5), scale=1.0, zero_point=0),
    )
    x = np.full((2, 1, 1, 2, depth), 127, np.int8)
    x[0, 0, 0, 0, :2] = 126
    check_everywhere(model, [x], cores=("cm0plus",))


def test_sums_wrap_around() -> None:
    """A dead channel's bias is often INT32_MIN, from which one negative product leads to large positive sums."""
    model = conv_model(
        TensorSpec("x", (1, 4, 4, 1), scale=1.0, zero_point=0),
        TensorSpec("w", (6, 1, 1, 1), scale=1e-8, data=[0, -1, 1, 127, -127, 5]),
        TensorSpec(
            "b", (6,), "int32", scale=1e-8, data=[-(2**31), -(2**31), 2**31 - 1, 2**31 - 1, 2**31 - 1, -(2**31)]
        ),
        TensorSpec("y", (1, 4, 4, 6), scale=0.25, zero_point=0),
    )
    check_everywhere(model, random_inputs(model, 3), cores=("cm0plus", "cm3"))


def explicit_pads(graph: Graph, pads: tuple[int, int, int, int]) -> Graph:
    node = graph.nodes[0]
    attributes = dataclasses.replace(node.attributes, pads=pads)
    return dataclasses.replace(graph, nodes=(dataclasses.replace(node, attributes=attributes),))


def test_no_window_fits() -> None:
    graph = explicit_pads(import_tflite(sample()), (0, 0, 0, 0))
    with pytest.raises(UnsupportedError, match=r"output shape is \(1, 5, 6, 6\), must be \(1, 3, 4, 6\)"):
        check_layer(graph.layers[0])


def test_what_lies_in_the_padding_is_zero_also_beside_infinities() -> None:
    """Zeros of either sign, infinities, NaN and the largest number; a bias of -0.0 leaves no -0.0 in the output."""
    layers = Layers()
    bias = layers.add(np.array([-0.0, 0.0, 1.0, -0.0, 0.0], np.float32))
    pads = ConvAttributes((1, 1), (1, 1), (2, 2, 2, 2), Activation.NONE)
    layers.layer("CONV_2D", [layers.input((1, 8, 8, 2)), layers.constant((5, 3, 3, 2)), bias], pads)
    x = np.random.default_rng(0).choice(special_values(), (3, 1, 8, 8, 2))
    x[0] = np.where(np.abs(x[0]) > 1, -0.0, x[0])
    check_executions(layers.graph(), [x], cores=("cm3", "cm7"))
    y = run(layers.graph(), [np.zeros((1, 1, 8, 8, 2), np.float32)])[0]
    assert not np.signbit(y[..., [0, 1, 3, 4]]).any()


def test_a_float_activation_counts() -> None:
    layer = float_layers().graph().layers[0]
    assert OP.macc(layer) == layer.output.elements * 28 + 6
    assert OP.macc(float_layers().graph().layers[2]) == 9 * 9 * 5


def test_float_weights_take_their_own_bytes() -> None:
    for layer in float_layers().graph().layers:
        assert stored_bytes(layer) == layer.input(1).nbytes + 4 * layer.output.shape[3]


@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("bits", [4, 8])
def test_compressed_weights_give_the_sums_of_their_values(bits: int, per_channel: bool) -> None:
    layers = Layers()
    for x, w in [((1, 4, 7, 3), (6, 3, 3, 3)), ((2, 3, 6, 4), (10, 2, 2, 2)), ((1, 3, 3, 5), (5, 1, 1, 5))]:
        weights = layers.compressed(w, bits, 0, per_channel=per_channel)
        pads = (w[1] // 2,) * 2 + (w[2] // 2,) * 2
        attributes = ConvAttributes((1, 1), (1, 1), (pads[0], pads[1], pads[2], pads[3]), Activation.RELU)
        layers.layer("CONV_2D", [layers.input(x), weights, layers.constant(w[:1])], attributes)
    graph = layers.graph()
    assert {call.kernel for layer in graph.layers for call in OP.form(layer).kernels(layer)} == {"conv_2d_lut_f32"}
    check_executions(graph, layers.inputs)
