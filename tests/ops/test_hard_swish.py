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
    """y = hard_swish(x)."""
    return unary_model(
        "HARD_SWISH",
        TensorSpec("x", (1, 2, 3, 5), scale=0.05, zero_point=4),
        TensorSpec("y", (1, 2, 3, 5), scale=0.03, zero_point=-116),
    )


def samples() -> list[bytes | Graph]:
    return [sample(), *samples_of("HARD_SWISH")]


@given(scales(1e-6, 200.0), zero_points, scales(1 / 127, 400.0), zero_points)
@settings(max_examples=300, deadline=None)
def test_reference_equals_oracle(
    input_scale: float, input_zero_point: int, output_over_input: float, output_zero_point: int
) -> None:
    output = (input_scale * output_over_input, output_zero_point)
    model = all_bytes_model("HARD_SWISH", (input_scale, input_zero_point), output)
    check_reference(model, [all_bytes()])


def test_sample() -> None:
    check_everywhere(sample(), [int8_values(0, (3, 1, 2, 3, 5))])


def test_formula_of_float32() -> None:
    check_formula("HARD_SWISH", lambda x: x * np.clip(x + 3, 0, 6) / 6, ulps=4, low=-2)
