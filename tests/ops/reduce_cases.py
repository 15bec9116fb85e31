"""Models and hypothesis strategies for reductions."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.ops.elementwise_cases import int8_values, scales, zero_points
from tests.oracle import Array

Quantized = tuple[float, int]


def reduce_model(
    op: str, shape: Sequence[int], axes: Sequence[int], *, keep_dims: bool, x: Quantized, y: Quantized
) -> bytes:
    """A model of one reduction. axes may be negative and repeated. x, y: (scale, zero point)."""
    reduced = {axis % len(shape) for axis in axes}
    kept = [1 if i in reduced else n for i, n in enumerate(shape) if keep_dims or i not in reduced]
    tensors = [
        TensorSpec("x", shape, "int8", *x),
        TensorSpec("axes", (len(axes),), "int32", data=axes),
        TensorSpec("y", kept, "int8", *y),
    ]
    return build_model(tensors, [OperatorSpec(op, ["x", "axes"], ["y"], {"keepDims": keep_dims})], ["x"], ["y"])


@st.composite
def reduce_cases(draw: st.DrawFn, op: str, *, rescaled: bool) -> tuple[bytes, list[Array]]:
    """A reduction over any axes and 3 samples; `rescaled` ones get an output scale of their own."""
    shape = draw(st.lists(st.integers(1, 5), min_size=1, max_size=6))
    axes = draw(st.lists(st.integers(-len(shape), len(shape) - 1), min_size=1, max_size=len(shape) + 1))
    x = (draw(scales()), draw(zero_points))
    y = (x[0] * draw(scales(1e-2, 100.0)), draw(zero_points)) if rescaled else x
    model = reduce_model(op, shape, axes, keep_dims=draw(st.booleans()), x=x, y=y)
    return model, [int8_values(draw(st.integers(0, 2**32 - 1)), (3, *shape))]
