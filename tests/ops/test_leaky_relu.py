from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simref.graph import Graph
from simref.ops.leaky_relu import Attributes
from tests.build_tflite import TensorSpec
from tests.executions import check_everywhere, check_reference
from tests.ops.elementwise_cases import int8_values, scales, zero_points
from tests.ops.lookup_cases import all_bytes, all_bytes_model, unary_model
from tests.ops.number_cases import check_formula, samples_of


def sample() -> bytes:
    """y = x where x >= 0, else 0.3 x."""
    return unary_model(
        "LEAKY_RELU",
        TensorSpec("x", (1, 2, 3, 5), scale=0.1, zero_point=4),
        TensorSpec("y", (1, 2, 3, 5), scale=0.05, zero_point=-30),
        {"alpha": 0.3},
    )


def samples() -> list[bytes | Graph]:
    return [sample(), *samples_of("LEAKY_RELU", Attributes(0.1))]


@given(scales(), zero_points, scales(), zero_points, st.floats(-2, 2, width=32))
@example(2.0**-8, 0, 1.0, 0, -1.0)
@settings(max_examples=200, deadline=None)
def test_reference_equals_oracle(
    input_scale: float, input_zero_point: int, output_scale: float, output_zero_point: int, alpha: float
) -> None:
    model = all_bytes_model(
        "LEAKY_RELU", (input_scale, input_zero_point), (output_scale, output_zero_point), {"alpha": alpha}
    )
    check_reference(model, [all_bytes()])


def test_sample() -> None:
    check_everywhere(sample(), [int8_values(0, (3, 1, 2, 3, 5))])


def test_formula_of_float32() -> None:
    check_formula("LEAKY_RELU", lambda x: np.where(x < 0, x * np.float32(0.1), x), Attributes(0.1), ulps=1)
