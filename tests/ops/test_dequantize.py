from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.builder import GraphBuilder
from simref.graph import Quantization
from simref.interpreter import run
from tests.build_tflite import TensorSpec
from tests.executions import check_everywhere, check_executions, check_reference
from tests.ops.elementwise_cases import scales
from tests.ops.lookup_cases import unary_model
from tests.oracle import random_inputs

DTYPES = ("int8", "uint8", "int16")


def sample() -> bytes:
    """int8 to float32 at a model's output."""
    return dequantize_model("int8", 0.05, -7)


def dequantize_model(dtype: str, scale: float, zero_point: int) -> bytes:
    x, y = TensorSpec("x", (1, 300), dtype, scale, zero_point), TensorSpec("y", (1, 300), "float32")
    return unary_model("DEQUANTIZE", x, y)


@given(st.sampled_from(DTYPES), scales(1e-7, 1e4), st.data())
@settings(max_examples=100, deadline=None)
def test_reference_equals_oracle(dtype: str, scale: float, data: st.DataObject) -> None:
    info = np.iinfo(dtype)
    zero_point = 0 if dtype == "int16" else data.draw(st.integers(int(info.min), int(info.max)))
    model = dequantize_model(dtype, scale, zero_point)
    check_reference(model, random_inputs(model, 2))


@pytest.mark.parametrize("dtype", DTYPES)
def test_executions_agree(dtype: str) -> None:
    model = dequantize_model(dtype, 0.0137, 0 if dtype == "int16" else 100)
    check_everywhere(model, random_inputs(model, 3))


def test_int32_is_rounded_before_the_product_too() -> None:
    builder = GraphBuilder("int32")
    values = np.array([[0, 1, -1, 2**24 + 1, 2**31 - 1, -(2**31), 123456789]], np.int32)
    source = builder.input("x", (7,), "int32", Quantization(np.array([0.1], np.float32), np.array([5])))
    graph = builder.graph([builder.layer("DEQUANTIZE", "y", [source], dtype="float32")])
    check_executions(graph, [values])
    (y,) = run(graph, values)
    np.testing.assert_allclose(y[0, :5], 0.1 * (values[0, :5].astype(np.float64) - 5), rtol=2e-7)
