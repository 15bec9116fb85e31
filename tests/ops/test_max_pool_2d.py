from __future__ import annotations

from hypothesis import given, settings

from tests.executions import check_everywhere, check_reference
from tests.ops.pool_cases import cases, check_float_values, check_whole_image, pool_model
from tests.oracle import Array, random_inputs


def sample() -> bytes:
    """2x2 windows, six channels."""
    return pool_model("MAX_POOL_2D", (1, 5, 6, 6), (2, 2), (2, 2), same=True)


def samples() -> list[bytes]:
    """One layer of int8 and one of float32."""
    return [sample(), pool_model("MAX_POOL_2D", (1, 5, 6, 6), (2, 2), (2, 2), same=True, zero_point=None)]


@given(cases("MAX_POOL_2D"))
@settings(max_examples=150, deadline=None)
def test_reference_equals_oracle(case: tuple[bytes, list[Array]]) -> None:
    check_reference(*case)


@given(cases("MAX_POOL_2D"))
@settings(max_examples=12, deadline=None)
def test_executions_agree(case: tuple[bytes, list[Array]]) -> None:
    check_everywhere(*case)


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))


def test_whole_image() -> None:
    check_whole_image("MAX_POOL_2D")


def test_float_values_of_every_kind() -> None:
    check_float_values("MAX_POOL_2D")
