from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Array
from simref.ops._blocks import Attributes
from simref.ops._movement import MOVABLE
from tests.executions import check_everywhere
from tests.ops.block_cases import MODES, blocks, check_blocks, depth_to_space
from tests.ops.gather_cases import elements
from tests.ops.movement_cases import check_reference, dtypes_but
from tests.oracle import random_inputs

OP = "DEPTH_TO_SPACE"


def sample() -> bytes:
    return blocks(OP, (1, 3, 2, 12), (1, 6, 4, 3), 2)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Array, Attributes]:
    batches, height, width, channels = (draw(st.integers(1, 4)) for _ in range(4))
    block = draw(st.integers(1, 4))
    x = elements((batches, height, width, channels * block**2), draw(st.sampled_from(MOVABLE)))
    return x, Attributes(block, draw(st.sampled_from(MODES)))


@given(cases(), dtypes_but("int16", "bool"))
@settings(max_examples=40, deadline=None)
def test_reference_equals_oracle(case: tuple[Array, Attributes], dtype: str) -> None:
    x, a = case
    check_reference(blocks(OP, x.shape, depth_to_space(x, a).shape, a.block_size, dtype))


@given(cases())
@settings(max_examples=30, deadline=None)
def test_equals_the_definition(case: tuple[Array, Attributes]) -> None:
    x, a = case
    check_blocks(OP, x, a, depth_to_space(x, a))


@pytest.mark.parametrize("mode", MODES)
def test_equals_onnx(mode: str) -> None:
    module = pytest.importorskip("onnx.reference.ops.op_depth_to_space")
    a, x = Attributes(2, "DCR" if mode == "DCR" else "CRD"), elements((2, 3, 4, 12), "float32")
    (y,) = (module.DepthToSpace.eval(x.transpose(0, 3, 1, 2), blocksize=2, mode=mode),)
    np.testing.assert_array_equal(depth_to_space(x, a), np.asarray(y).transpose(0, 2, 3, 1))


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
