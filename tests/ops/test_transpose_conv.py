from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.errors import ModelError
from simref.graph import Graph
from simref.importers.tflite import import_tflite
from simref.ops._activation import Activation
from simref.ops.transpose_conv import Attributes
from tests.build_tflite import ACTIVATIONS, SAME, VALID, OperatorSpec, TensorSpec, build_model
from tests.executions import check_everywhere, check_executions, check_reference
from tests.float32_cases import special_values
from tests.ops.convolution_cases import FUSED, CaseModel, weights_model
from tests.ops.float_cases import Layers
from tests.oracle import Array, random_inputs


@st.composite
def cases(draw: st.DrawFn, model: CaseModel = weights_model) -> tuple[bytes, list[Array]]:
    """Any kernel and stride, kernels shorter than the stride among them; SAME and VALID; with and without bias."""
    kernel = (draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    stride = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    size = (draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    depth, channels, batch = draw(st.integers(1, 5)), draw(st.integers(1, 6)), draw(st.sampled_from([1, 1, 2]))
    same = draw(st.booleans())
    full = [n * s if same else (n - 1) * s + k for n, s, k in zip(size, stride, kernel, strict=True)]
    # A SAME output may be up to stride - 1 smaller, a VALID one larger: the file says which it is.
    extra = [draw(st.integers(0, s - 1)) for s in stride]
    y = (batch, *(f - e if same else f + e for f, e in zip(full, extra, strict=True)), channels)
    options = {
        "padding": SAME if same else VALID,
        "strideH": stride[0],
        "strideW": stride[1],
        "fusedActivationFunction": ACTIVATIONS[draw(st.sampled_from(FUSED))],
    }
    bias = draw(st.booleans())
    return model(
        draw,
        "TRANSPOSE_CONV",
        x=(batch, *size, depth),
        w=(channels, *kernel, depth),
        y=y,
        channels_axis=0,
        options=options,
        bias=bias,
        before=[TensorSpec("shape", (4,), "int32", data=y)],
        order=("shape", "w", "x", "b") if bias else ("shape", "w", "x"),
    )


def transpose_model(shape: tuple[int, ...]) -> bytes:
    rng = np.random.default_rng(1)
    specs = [
        TensorSpec("shape", (4,), "int32", data=shape),
        TensorSpec("x", (1, 3, 4, 2), scale=0.02, zero_point=-5),
        TensorSpec(
            "w", (5, 3, 3, 2), scale=[0.01 + 0.001 * c for c in range(5)], data=rng.integers(-127, 128, (5, 18))
        ),
        TensorSpec("b", (5,), "int32", scale=1e-4, data=rng.integers(-999, 999, 5)),
        TensorSpec("y", (1, 6, 8, 5), scale=0.1, zero_point=7),
    ]
    options = {"padding": SAME, "strideH": 2, "strideW": 2}
    operator = OperatorSpec("TRANSPOSE_CONV", ["shape", "w", "x", "b"], ["y"], options)
    return build_model(specs, [operator], ["x"], ["y"])


def sample() -> bytes:
    """Five 3x3 filters that double height and width."""
    return transpose_model((1, 6, 8, 5))


def float_layers(count: int | None = None) -> Layers:
    """Kernels longer and shorter than the stride, outputs that see no pixel, a crop all around."""
    layers = Layers()
    cases: list[tuple[tuple[int, ...], tuple[int, ...], tuple[Any, ...]]] = [
        ((1, 3, 4, 2), (5, 3, 3, 2), ((6, 8), (2, 2), (0, 1, 0, 1), Activation.RELU)),
        ((1, 2, 5, 3), (4, 1, 2, 3), ((5, 15), (3, 3), (0, 0, 0, 0), Activation.NONE)),
        ((2, 4, 4, 1), (1, 4, 4, 1), ((3, 5), (1, 1), (2, 2, 1, 1), Activation.NONE)),
    ]
    for x, w, attributes in cases[:count]:
        inputs = [layers.input(x), layers.constant(w), layers.constant(w[:1])]
        layers.layer("TRANSPOSE_CONV", inputs, Attributes(*attributes))
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


def test_two_output_shapes() -> None:
    with pytest.raises(ModelError, match=r"operand says \(7, 8\), the output is \(6, 8\)"):
        import_tflite(transpose_model((1, 7, 8, 5)))


def test_zeros_between_the_pixels_stay_zeros_also_beside_infinities() -> None:
    layers = Layers()
    for kernel in (1, 3):
        inputs = [layers.input((1, 4, 4, 2)), layers.constant((5, kernel, kernel, 2))]
        layers.layer("TRANSPOSE_CONV", inputs, Attributes((9, 9), (2, 2), (0, 0, 0, 0), Activation.NONE))
    rng = np.random.default_rng(0)
    values = [rng.choice(special_values(), (3, 1, 4, 4, 2)) for _ in range(2)]
    check_executions(layers.graph(), values, cores=("cm3", "cm7"))
