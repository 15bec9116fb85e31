from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings

from simref.importers.tflite import import_tflite
from simref.interpreter import run_all
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.executions import assert_equals_oracle, check_everywhere
from tests.ops.elementwise_cases import binary_cases, binary_model, int8_values
from tests.oracle import Array, run_reference


def sample() -> bytes:
    """y = relu(x - c) with a constant per channel."""
    return binary_model(
        "SUB",
        TensorSpec("x", (1, 3, 3, 4), scale=0.05, zero_point=-3),
        TensorSpec("c", (4,), scale=0.02, zero_point=5, data=[-100, 7, 0, 90]),
        TensorSpec("y", (1, 3, 3, 4), scale=0.06, zero_point=-20),
        "RELU",
    )


@given(binary_cases("SUB", output_over_input=(1e-5, 100.0)))
@settings(max_examples=150, deadline=None)
def test_reference_equals_oracle(case: tuple[bytes, list[Array]]) -> None:
    model, inputs = case
    graph = import_tflite(model)
    assert_equals_oracle(graph, run_all(graph, inputs), run_reference(model, inputs))


@given(binary_cases("SUB", output_over_input=(1e-5, 100.0)))
@settings(max_examples=12, deadline=None)
def test_executions_agree(case: tuple[bytes, list[Array]]) -> None:
    check_everywhere(*case)


def test_every_pair_of_values() -> None:
    grid = np.meshgrid(np.arange(-128, 128), np.arange(-128, 128), indexing="ij")
    a, b = (axis.astype(np.int8).reshape(1, 1, -1) for axis in grid)
    for scales in [(0.5, 0.5, 1.0), (0.5, 0.1, 0.3), (1e-6, 1.0, 1.0), (0.013, 0.5, 2.0**-17)]:
        first, second, y = (
            TensorSpec(n, (1, 65536), scale=s, zero_point=3) for n, s in zip("aby", scales, strict=True)
        )
        check_everywhere(binary_model("SUB", first, second, y), [a, b], cores=("cm0plus", "cm3"))


def test_one_tensor_on_both_sides_and_in_place() -> None:
    """x - x, then y - x and c - z, each over memory that the one before no longer needs."""
    quantized: dict[str, Any] = {"scale": 0.1, "zero_point": 2}
    tensors = [TensorSpec(name, (2, 9), **quantized) for name in "xryzw"]
    tensors.append(TensorSpec("c", (9,), **quantized, data=range(9)))
    steps = [(("r", "r"), "y"), (("y", "x"), "z"), (("c", "z"), "w")]
    operators = [OperatorSpec("RELU", ["x"], ["r"]), *(OperatorSpec("SUB", inputs, [y]) for inputs, y in steps)]
    check_everywhere(build_model(tensors, operators, ["x"], ["w"]), [int8_values(0, (3, 2, 9))])


def test_sample() -> None:
    check_everywhere(sample(), [int8_values(0, (2, 1, 3, 3, 4))])
