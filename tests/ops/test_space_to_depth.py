from __future__ import annotations

from hypothesis import given, settings

from simref.graph import Array
from simref.ops._blocks import Attributes
from tests.executions import check_everywhere
from tests.ops.block_cases import blocks, check_blocks, depth_to_space
from tests.ops.movement_cases import check_reference, dtypes_but
from tests.ops.test_depth_to_space import cases
from tests.oracle import random_inputs

OP = "SPACE_TO_DEPTH"


def sample() -> bytes:
    return blocks(OP, (1, 6, 4, 3), (1, 3, 2, 12), 2)


@given(cases(), dtypes_but("int16", "bool"))
@settings(max_examples=40, deadline=None)
def test_reference_equals_oracle(case: tuple[Array, Attributes], dtype: str) -> None:
    x, a = case
    check_reference(blocks(OP, depth_to_space(x, a).shape, x.shape, a.block_size, dtype))


@given(cases())
@settings(max_examples=30, deadline=None)
def test_undoes_depth_to_space(case: tuple[Array, Attributes]) -> None:
    x, a = case
    check_blocks(OP, depth_to_space(x, a), a, x)


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
