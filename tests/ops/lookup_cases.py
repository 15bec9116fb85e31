"""Models and strategies for operators of one 8-bit input, checked on all of its 256 values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.build_tflite import OperatorSpec, TensorSpec, build_model
from tests.oracle import Array

BYTES = np.arange(256, dtype=np.uint8)


def unary_model(op: str, x: TensorSpec, y: TensorSpec, options: Mapping[str, Any] | None = None) -> bytes:
    """A model of one operator with one input."""
    return build_model([x, y], [OperatorSpec(op, [x.name], [y.name], options or {})], [x.name], [y.name])


def all_bytes_model(
    op: str,
    x: tuple[float, int],
    y: tuple[float, int],
    options: Mapping[str, Any] | None = None,
    dtypes: tuple[str, str] = ("int8", "int8"),
) -> bytes:
    """A model of 256 elements. x, y: (scale, zero point)."""
    specs = [
        TensorSpec(name, (256,), dtype, scale, zero_point)
        for name, dtype, (scale, zero_point) in zip("xy", dtypes, (x, y), strict=True)
    ]
    return unary_model(op, specs[0], specs[1], options)


def all_bytes(dtype: str = "int8") -> Array:
    """Every 8-bit value once, as one sample."""
    return BYTES.view(dtype)[np.newaxis]
