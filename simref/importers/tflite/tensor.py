"""What a TFLite file says of one tensor: dtype, shape and quantization, each checked.

`stored` is the table of the `tflite` package, `where` names the tensor in messages. Raises ModelError for what
contradicts itself, UnsupportedError for what no layer of this project can take.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import tflite

from simref.errors import ModelError, UnsupportedError
from simref.graph import Quantization, Shape, Tensor
from simref.importers._untrusted import ACTIVATION_SCALES, MAX_TENSOR_BYTES

# TFLite's runtime itself stops at 8 dimensions (broadcasts at 5 or 6).
MAX_RANK = 8

DTYPES = {
    tflite.TensorType.FLOAT32: "float32",
    tflite.TensorType.FLOAT16: "float16",  # weights that DEQUANTIZE widens
    tflite.TensorType.INT32: "int32",
    tflite.TensorType.UINT8: "uint8",
    tflite.TensorType.INT64: "int64",
    tflite.TensorType.BOOL: "bool",
    tflite.TensorType.INT16: "int16",
    tflite.TensorType.INT8: "int8",
}


def unknown_type(stored: Any, where: str) -> UnsupportedError:
    """What is said of a tensor of another dtype."""
    kind = enumerator(tflite.TensorType, stored.Type())
    computed = sorted(set(DTYPES.values()) - {"float16"})
    return UnsupportedError(f"{where} is {kind}, must be {' or '.join(computed)}")


def stored_shape(stored: Any, dtype: np.dtype[Any], where: str) -> Shape:
    """The shape, fixed and of bounded size."""
    if stored.ShapeLength() > MAX_RANK:
        raise ModelError(f"{where} has {stored.ShapeLength()} dimensions, must be at most {MAX_RANK}")
    shape = tuple(stored.Shape(i) for i in range(stored.ShapeLength()))
    if any(size < 0 for size in shape):
        raise UnsupportedError(f"{where} has the dynamic shape {shape}, must be fixed. Convert with a fixed shape.")
    nbytes = math.prod(shape) * dtype.itemsize
    if nbytes > MAX_TENSOR_BYTES:
        raise UnsupportedError(f"{where} has {nbytes} bytes {shape}, must be at most {MAX_TENSOR_BYTES}")
    return shape


def check_computed_shape(stored: Any, tensor: Tensor, *, is_input: bool) -> None:
    """An input open beyond its batch has no size to plan for: the converter writes 1 in the place of the unknown."""
    if not is_input or stored.ShapeSignatureLength() != len(tensor.shape):
        return
    signature = tuple(stored.ShapeSignature(i) for i in range(len(tensor.shape)))
    if any(size < 0 for size in signature[1:]):
        raise UnsupportedError(
            f'input "{tensor.name}" has the dynamic shape {signature}, only the first dimension may be open. '
            "Convert with a fixed shape."
        )


def stored_quantization(stored: Any, shape: Shape, dtype: np.dtype[Any], where: str) -> Quantization | None:
    """Read scales and zero points under the conditions TFLite's own loader sets; floats and booleans have none."""
    if stored is None or stored.ScaleLength() == 0 or dtype.kind not in "iu":
        return None
    if stored.DetailsType() != 0:
        raise UnsupportedError(f"{where} has a custom quantization, must have scales and zero points")
    count, axis = stored.ScaleLength(), stored.QuantizedDimension()
    if stored.ZeroPointLength() != count:
        raise ModelError(f"{where} has {count} scales and {stored.ZeroPointLength()} zero points, must be as many")
    if count > 1:
        if not 0 <= axis < len(shape):
            raise ModelError(f"{where} is quantized along dimension {axis}, it has {len(shape)}")
        if count != shape[axis]:
            raise ModelError(f"{where} has {count} scales, must be 1 or {shape[axis]} for {shape} along {axis}")
    scale = np.array(stored.ScaleAsNumpy(), np.float32)
    zero_point = np.array(stored.ZeroPointAsNumpy(), np.int64)
    wrong_scales = scale[~(np.isfinite(scale) & (scale > 0))]
    if wrong_scales.size:
        raise ModelError(f"{where} has scale {wrong_scales[0]}, must be a positive number")
    info = np.iinfo(dtype)
    wrong_points = zero_point[(zero_point < info.min) | (zero_point > info.max)]
    if wrong_points.size:
        raise ModelError(f"{where} has zero point {wrong_points[0]}, must be {info.min} to {info.max} for {dtype}")
    return Quantization(scale, zero_point, axis if count > 1 else None)


def check_activation_scale(quantization: Quantization, where: str) -> None:
    """Weights of dead channels may have scales near zero; a computed tensor with one is damaged."""
    low, high = ACTIVATION_SCALES
    wrong = quantization.scale[(quantization.scale < low) | (quantization.scale > high)]
    if wrong.size:
        raise ModelError(f"{where} has scale {wrong[0]:g}, must be {low:g} to {high:g}")


def enumerator(enumeration: type, code: int) -> str:
    """The schema's name of a code, or the code itself where it has none."""
    return _enumerators(enumeration).get(code, f"{enumeration.__name__} {code}")


@cache
def _enumerators(enumeration: type) -> dict[int, str]:
    return {code: name for name, code in vars(enumeration).items() if isinstance(code, int)}
