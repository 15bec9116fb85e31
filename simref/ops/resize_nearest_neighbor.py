"""y[h, w] = x[near(h), near(w)], near(i) = the input pixel that lies under output pixel i."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simref.graph import Array, Layer
from simref.ops._movement import MOVABLE
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, Value, equation_of, never_in_place, no_macc
from simref.ops._resize import Attributes, Nearest, attributes, per_side, positions, resize_rules

# So near to the middle between two pixels ONNX Runtime (1.32) takes a position for the middle: measured.
_TIE = 1e-6


def nearest(input_size: int, output_size: int, a: Attributes) -> NDArray[np.int64]:
    """The input index of each output index, of shape (output_size,).

    Equals TFLite `GetNearestNeighbor`, which computes in float32: the order of the operations matters.
    """
    if a.align_corners and output_size > 1:
        scale = np.float32(input_size - 1) / np.float32(output_size - 1)
    else:
        scale = np.float32(input_size) / np.float32(output_size)
    offset = np.float32(0.5 if a.half_pixel_centers else 0.0)
    position = ((np.arange(output_size, dtype=np.float32) + offset) * scale).astype(np.float64)
    # In float64 the sum with 1/2 is exact: this rounds half up, which is half away from zero here.
    index = np.floor(position + 0.5) if a.align_corners else np.floor(position)
    return np.minimum(index.astype(np.int64), input_size - 1)


def _onnx_nearest(positions: NDArray[np.float32], input_size: int, mode: Nearest) -> NDArray[np.int64]:
    """The input index nearest to each position, equal to ONNX Runtime's."""
    exact = positions.astype(np.float64)
    rounded = {
        "round_prefer_floor": np.ceil(exact - 0.5 - _TIE),
        "round_prefer_ceil": np.floor(exact + 0.5 + _TIE),
        "floor": np.floor(exact),
        "ceil": np.ceil(exact),
    }[mode]
    return np.clip(rounded, 0, input_size - 1).astype(np.int64)


def _indices(layer: Layer) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The input row of each output row, and the same for columns."""
    a: Attributes = layer.attributes
    if a.coordinates is None:
        return per_side(layer, nearest)
    _, height, width, _ = layer.input(0).shape
    rows, columns = positions(layer, np.float32)
    return _onnx_nearest(rows, height, a.nearest), _onnx_nearest(columns, width, a.nearest)


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Rows taken, then columns."""
    rows, columns = _indices(layer)
    return (inputs[0][:, :, rows][:, :, :, columns],)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """Byte offsets of the rows (of all batches) and of the columns, as tables."""
    x = layer.input(0)
    rows, columns = _indices(layer)
    batches, height, width, channels = x.shape
    pixel = channels * x.dtype.itemsize
    image = np.arange(batches)[:, np.newaxis] * height
    params: dict[str, Value] = {
        "pixel": pixel,
        # The planner aligns activations, but constants lie anywhere.
        "aligned": int(pixel % 4 == 0 and not x.is_constant),
        "output_height": batches * len(rows),
        "output_width": len(columns),
        "rows": ((image + rows) * width * pixel).ravel().astype(np.int32),
        "columns": (columns * pixel).astype(np.int32),
    }
    return (KernelCall(kernel="resize_nearest_neighbor", params=params, operands=(0,)),)


OP = Op(
    name="RESIZE_NEAREST_NEIGHBOR",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="ResizeNearestNeighborOptions", attributes=attributes, operands=1),
    macc=no_macc,
    forms=(
        Form(
            rounding="none: data movement",
            rules=resize_rules(MOVABLE),
            reference=reference,
            numba=None,
            kernels=kernels,
            in_place=never_in_place,
        ),
    ),
)
