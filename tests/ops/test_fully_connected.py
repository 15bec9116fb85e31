from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Graph
from simref.importers.tflite import import_tflite
from simref.interpreter import run_all
from simref.ops._activation import Activation
from simref.ops.fully_connected import OP, Attributes
from tests.build_tflite import ACTIVATIONS, OperatorSpec, TensorSpec, build_model
from tests.executions import assert_equals_oracle, check_everywhere, check_executions, check_reference
from tests.ops.convolution_cases import FUSED, CaseModel, weights_model
from tests.ops.float_cases import Layers, stored_bytes
from tests.oracle import Array, random_inputs, run_reference


@st.composite
def cases(draw: st.DrawFn, model: CaseModel = weights_model) -> tuple[bytes, list[Array]]:
    """Inputs of rank 1 to 4, flattened or with their dimensions kept, with and without bias."""
    depth, channels = draw(st.integers(1, 40)), draw(st.integers(1, 13))
    leading = draw(st.lists(st.integers(1, 4), max_size=3))
    kept = draw(st.booleans())
    rows = int(np.prod(leading))
    x = [*leading, depth]
    if not kept and draw(st.booleans()):
        x = [rows * depth]
    return model(
        draw,
        "FULLY_CONNECTED",
        x=x,
        w=(channels, depth),
        y=[*leading, channels] if kept else (rows, channels),
        channels_axis=0,
        options={"keepNumDims": kept, "fusedActivationFunction": ACTIVATIONS[draw(st.sampled_from(FUSED))]},
        bias=draw(st.booleans()),
    )


def sample() -> bytes:
    """Seven outputs of ten inputs, per tensor, with bias."""
    rng = np.random.default_rng(2)
    specs = [
        TensorSpec("x", (1, 10), scale=0.02, zero_point=-5),
        TensorSpec("w", (7, 10), scale=0.01, data=rng.integers(-127, 128, (7, 10))),
        TensorSpec("b", (7,), "int32", scale=2e-4, data=rng.integers(-999, 999, 7)),
        TensorSpec("y", (1, 7), scale=0.03, zero_point=4),
    ]
    return build_model(specs, [OperatorSpec("FULLY_CONNECTED", ["x", "w", "b"], ["y"])], ["x"], ["y"])


def float_layers(count: int | None = None) -> Layers:
    """Rows by four and one by one, blocks of four channels and the rest, depths odd and even."""
    layers = Layers()
    cases = [
        ((7, 9), 10, False, Activation.RELU),
        ((1, 10), 7, False, Activation.NONE),
        ((2, 3, 4), 3, True, Activation.RELU6),
    ]
    for x, channels, kept, activation in cases[:count]:
        inputs = [layers.input(x), layers.constant((channels, x[-1])), layers.constant((channels,))]
        layers.layer("FULLY_CONNECTED", inputs, Attributes(kept, activation))
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


@pytest.mark.parametrize("seed", range(20))
def test_one_scale_is_the_product_in_float32(seed: int) -> None:
    """Factors near powers of two, where float32 and double products round to different multipliers."""
    rng = np.random.default_rng(seed)
    a, b = (float(np.float32(v)) for v in rng.uniform(0.001, 1, 2))
    specs = [
        TensorSpec("x", (4, 64), scale=a, zero_point=0),
        TensorSpec("w", (16, 64), scale=b, data=rng.integers(-127, 128, (16, 64))),
        TensorSpec("y", (4, 16), scale=float(np.float32(a) * np.float32(b)) * 300, zero_point=0),
    ]
    model = build_model(specs, [OperatorSpec("FULLY_CONNECTED", ["x", "w", None], ["y"])], ["x"], ["y"])
    inputs = random_inputs(model, 50, seed)
    graph = import_tflite(model)
    assert_equals_oracle(graph, run_all(graph, inputs), run_reference(model, inputs))


def test_a_float_activation_counts() -> None:
    first, second, _ = float_layers().graph().layers
    assert OP.macc(first) == 7 * 10 * 9 + 10 + 70
    assert OP.macc(second) == 7 * 10 + 7


@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("bits", [4, 8])
def test_compressed_weights_give_the_sums_of_their_values(bits: int, per_channel: bool) -> None:
    """One row and several; channels left beside blocks of four, whose indices start in the middle of a byte."""
    layers = Layers()
    for x, channels, activation in [
        ((1, 9), 7, Activation.RELU6),
        ((1, 5), 4, Activation.NONE),
        ((3, 7), 6, Activation.RELU),
    ]:
        weights = layers.compressed((channels, x[1]), bits, 0, per_channel=per_channel)
        inputs = [layers.input(x), weights, layers.constant((channels,))]
        layers.layer("FULLY_CONNECTED", inputs, Attributes(False, activation))
    graph = layers.graph()
    assert {call.kernel for layer in graph.layers for call in OP.form(layer).kernels(layer)} == {
        f"fully_connected_lut{bits}_f32",
        "conv_2d_lut_f32",
    }
    for layer in graph.layers:
        channels, items = layer.output.shape[1], layer.input(1).elements
        tables = 4 * (channels if per_channel else 1) << bits
        assert stored_bytes(layer) == -(-items * bits // 8) + tables + 4 * channels
    check_executions(graph, layers.inputs)
