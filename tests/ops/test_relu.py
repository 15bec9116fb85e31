from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from simref.graph import Graph
from simref.importers.tflite import import_tflite
from simref.ops import operator
from tests.build_tflite import TensorSpec
from tests.executions import check_everywhere, check_reference
from tests.ops.elementwise_cases import int8_values, scales, zero_points
from tests.ops.lookup_cases import all_bytes, all_bytes_model, unary_model
from tests.ops.number_cases import check_formula, samples_of


def sample() -> bytes:
    """y = relu(x) on another scale."""
    return unary_model(
        "RELU",
        TensorSpec("x", (1, 2, 3, 5), scale=0.1, zero_point=4),
        TensorSpec("y", (1, 2, 3, 5), scale=0.05, zero_point=-128),
    )


def samples() -> list[bytes | Graph]:
    return [sample(), *samples_of("RELU")]


@given(scales(), zero_points, scales(), zero_points)
@settings(max_examples=200, deadline=None)
def test_reference_equals_oracle(
    input_scale: float, input_zero_point: int, output_scale: float, output_zero_point: int
) -> None:
    model = all_bytes_model("RELU", (input_scale, input_zero_point), (output_scale, output_zero_point))
    check_reference(model, [all_bytes()])


def test_sample() -> None:
    check_everywhere(sample(), [int8_values(0, (3, 1, 2, 3, 5))])


def test_is_a_view_where_nothing_changes() -> None:
    tensors = [TensorSpec(name, (4,), scale=0.02, zero_point=-128) for name in "xy"]
    graph = import_tflite(unary_model("RELU", tensors[0], tensors[1]))
    assert operator("RELU").form(graph.layers[0]).kernels(graph.layers[0]) == ()


def test_formula_of_float32() -> None:
    check_formula("RELU", lambda x: np.maximum(x, 0), ulps=0)
