from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from simref.graph import Graph
from tests.build_tflite import TensorSpec
from tests.executions import check_everywhere, check_reference
from tests.ops.elementwise_cases import int8_values, scales, zero_points
from tests.ops.lookup_cases import all_bytes, all_bytes_model, unary_model
from tests.ops.number_cases import check_formula, samples_of


def sample() -> bytes:
    """y = sigmoid(x)."""
    return unary_model(
        "LOGISTIC",
        TensorSpec("x", (1, 2, 3, 5), scale=0.05, zero_point=4),
        TensorSpec("y", (1, 2, 3, 5), scale=1 / 256, zero_point=-128),
    )


def samples() -> list[bytes | Graph]:
    return [sample(), *samples_of("LOGISTIC")]


@given(scales(), zero_points, zero_points)
@settings(max_examples=200, deadline=None)
def test_reference_equals_oracle(input_scale: float, input_zero_point: int, output_zero_point: int) -> None:
    model = all_bytes_model("LOGISTIC", (input_scale, input_zero_point), (1 / 256, output_zero_point))
    check_reference(model, [all_bytes()])


def test_sample() -> None:
    check_everywhere(sample(), [int8_values(0, (3, 1, 2, 3, 5))])


def test_formula_of_float32() -> None:
    check_formula("LOGISTIC", lambda x: 1 / (1 + np.exp(-x)), ulps=2)
