from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Graph
from simref.ops.arg_max import Attributes
from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.executions import check_everywhere, check_reference
from tests.ops.arg_cases import check_floats_like_tflite, check_numbers
from tests.ops.layer_cases import graph_of
from tests.oracle import Array


def arg_max_model(shape: Sequence[int], axis: int, dtype: str = "int32", axis_dtype: str = "int32") -> bytes:
    kept = [n for i, n in enumerate(shape) if i != axis % len(shape)]
    tensors = [
        TensorSpec("x", shape, scale=0.1, zero_point=3),
        TensorSpec("axis", (), axis_dtype, data=np.array(axis)),
        TensorSpec("y", kept, dtype),
    ]
    options = {"outputType": getattr(schema.TensorType, dtype.upper())}
    return build_model(tensors, [OperatorSpec("ARG_MAX", ["x", "axis"], ["y"], options)], ["x"], ["y"])


def samples() -> list[bytes | Graph]:
    """The class of each of four rows."""
    return [arg_max_model((4, 10), -1), graph_of("ARG_MAX", (4, 10), Attributes(1), outputs="int32")]


@st.composite
def cases(draw: st.DrawFn) -> tuple[bytes, list[Array]]:
    """Few distinct values, so that the largest often occurs more than once."""
    shape = draw(st.lists(st.integers(1, 6), min_size=1, max_size=5))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    dtypes = draw(st.sampled_from(["int32", "int64"])), draw(st.sampled_from(["int32", "int64"]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return arg_max_model(shape, axis, *dtypes), [rng.integers(-2, 3, (3, *shape)).astype(np.int8)]


@given(cases())
@settings(max_examples=150, deadline=None)
def test_reference_equals_oracle(case: tuple[bytes, list[Array]]) -> None:
    check_reference(*case)


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_executions_agree(dtype: str) -> None:
    x = np.random.default_rng(0).integers(-3, 3, (2, 3, 7, 4)).astype(np.int8)
    for axis in (0, 1, 2):
        check_everywhere(arg_max_model((3, 7, 4), axis, dtype), [x])


def test_numbers_of_all_dtypes() -> None:
    check_numbers("ARG_MAX", ["float32", "int32", "int64"])


def test_floats_equal_those_of_tflite() -> None:
    check_floats_like_tflite("ARG_MAX")
