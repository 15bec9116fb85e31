from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from simref.graph import Graph
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.executions import check_everywhere, check_reference
from tests.ops.elementwise_cases import binary_cases, channel_constant_model, check_every_pair, int8_values
from tests.ops.number_cases import NONE, samples_of
from tests.oracle import Array


def sample() -> bytes:
    """y = relu(x - c) with a constant per channel."""
    return channel_constant_model("SUB")


def samples() -> list[bytes | Graph]:
    return [sample(), *samples_of("SUB", NONE, dtypes=("float32", "int32"), operands=2)]


@given(binary_cases("SUB", output_over_input=(1e-5, 100.0)))
@settings(max_examples=150, deadline=None)
def test_reference_equals_oracle(case: tuple[bytes, list[Array]]) -> None:
    check_reference(*case)


@given(binary_cases("SUB", output_over_input=(1e-5, 100.0)))
@settings(max_examples=12, deadline=None)
def test_executions_agree(case: tuple[bytes, list[Array]]) -> None:
    check_everywhere(*case)


def test_every_pair_of_values() -> None:
    check_every_pair("SUB", [(0.5, 0.5, 1.0), (0.5, 0.1, 0.3), (1e-6, 1.0, 1.0), (0.013, 0.5, 2.0**-17)])


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
