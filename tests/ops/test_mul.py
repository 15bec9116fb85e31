from __future__ import annotations

from hypothesis import given, settings

from simref.graph import Graph
from tests.executions import check_everywhere, check_reference
from tests.ops.elementwise_cases import binary_cases, channel_constant_model, check_every_pair, int8_values
from tests.ops.number_cases import NONE, samples_of
from tests.oracle import Array


def sample() -> bytes:
    """y = relu(x * c) with a constant per channel."""
    return channel_constant_model("MUL")


def samples() -> list[bytes | Graph]:
    return [sample(), *samples_of("MUL", NONE, dtypes=("float32", "int32"), operands=2)]


@given(binary_cases("MUL", output_over_input=(1e-3, 100.0)))
@settings(max_examples=150, deadline=None)
def test_reference_equals_oracle(case: tuple[bytes, list[Array]]) -> None:
    check_reference(*case)


@given(binary_cases("MUL", output_over_input=(1e-3, 100.0)))
@settings(max_examples=12, deadline=None)
def test_executions_agree(case: tuple[bytes, list[Array]]) -> None:
    check_everywhere(*case)


def test_every_pair_of_values() -> None:
    check_every_pair("MUL", [(0.5, 0.5, 1.0), (0.5, 0.1, 0.3), (1e-6, 1.0, 1.0), (3.0, 2.0, 1e-3)])


def test_sample() -> None:
    check_everywhere(sample(), [int8_values(0, (2, 1, 3, 3, 4))])
