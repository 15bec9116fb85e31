from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Graph
from tests.build_tflite import TensorSpec
from tests.executions import check_everywhere
from tests.ops.elementwise_cases import binary_model, broadcast_shapes, int8_values
from tests.ops.number_cases import samples_of
from tests.oracle import Array


def sample() -> bytes:
    """y = MAXIMUM(x, c) with a constant per channel."""
    return binary_model(
        "MAXIMUM",
        TensorSpec("x", (1, 3, 3, 4), scale=0.05, zero_point=-3),
        TensorSpec("c", (4,), scale=0.05, zero_point=-3, data=[-100, 7, 0, 90]),
        TensorSpec("y", (1, 3, 3, 4), scale=0.05, zero_point=-3),
        None,
    )


def samples() -> list[bytes | Graph]:
    return [sample(), *samples_of("MAXIMUM", dtypes=("float32", "int32"), operands=2)]


@st.composite
def cases(draw: st.DrawFn) -> tuple[bytes, list[Array]]:
    shapes = draw(broadcast_shapes(max_rank=5))
    a, b = (TensorSpec(name, shape, scale=0.1) for name, shape in zip("ab", shapes, strict=True))
    y = TensorSpec("y", tuple(map(int, np.broadcast_shapes(*shapes))), scale=0.1)
    return binary_model("MAXIMUM", a, b, y, None), [int8_values(i, (3, *shape)) for i, shape in enumerate(shapes)]


@given(cases())
@settings(max_examples=15, deadline=None)
def test_executions_agree(case: tuple[bytes, list[Array]]) -> None:
    check_everywhere(*case)


def test_sample() -> None:
    check_everywhere(sample(), [int8_values(0, (2, 1, 3, 3, 4))])
