"""TFLite's operators over small constants, in NumPy: the arithmetic on shapes that converters leave in a model.

Each function takes the options table as stored (an object of the `tflite` package, or None), the operands and the
stored outputs, and returns the outputs' values. The size of a result is checked before the result is made. Integers
wrap as they do in TFLite's kernels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from simref.errors import ModelError
from simref.graph import Array, Layer, Tensor
from simref.importers._untrusted import DAMAGE, one_line
from simref.ops._activation import activation_from_tflite
from simref.ops._division import quotient
from simref.ops.cast import converted

# Shape arithmetic is a handful of numbers; anything larger is a network's own work and stays.
MAX_ELEMENTS = 1 << 16
FOLDED_DTYPES = ("int32", "int64", "bool", "float32")

Outputs = Sequence[Tensor]
Evaluate = Callable[[Any, Sequence[Array], Outputs], Sequence[Array]]


def evaluate(layer: Layer) -> Sequence[Array] | None:
    """The values of a stored layer's outputs, or None where it is not shape arithmetic over constants."""
    if any(tensor.dtype.name not in FOLDED_DTYPES for tensor in layer.outputs):
        return None
    if layer.op in ("SHAPE", "RANK") and len(layer.inputs) == 1 and layer.inputs[0] is not None:
        shape = layer.inputs[0].shape
        return [np.array(shape if layer.op == "SHAPE" else len(shape))]
    function = EVALUATED.get(layer.op)
    operands = [tensor.data for tensor in layer.inputs if tensor is not None and tensor.data is not None]
    if function is None or not operands or len(operands) < len(layer.inputs):
        return None
    if any(x.dtype.name not in FOLDED_DTYPES or x.size > MAX_ELEMENTS for x in operands):
        return None
    try:
        with np.errstate(all="ignore"):
            return function(layer.attributes, operands, layer.outputs)
    except ModelError as error:
        raise ModelError(f"{layer}: {error}") from error
    except (*DAMAGE, ArithmeticError) as error:
        raise ModelError(f"{layer}: its operands or options contradict each other ({one_line(error)})") from error


def _expect(shape: Sequence[int]) -> None:
    """Before a result of that shape is made."""
    if min(shape, default=0) < 0 or math.prod(shape) > MAX_ELEMENTS:
        raise ModelError(f"the result has the shape {tuple(shape)}, must have at most {MAX_ELEMENTS} elements")


def _elementwise(function: Callable[..., Any]) -> Evaluate:
    def compute(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
        # NumPy would take one operand too many as the place for its result.
        if isinstance(function, np.ufunc) and len(operands) != function.nin:
            raise ModelError(f"has {len(operands)} inputs, must have {function.nin}")
        _expect(np.broadcast_shapes(*(x.shape for x in operands)))
        return [np.asarray(function(*operands)).astype(outputs[0].dtype)]

    return compute


def _arithmetic(function: Callable[..., Any]) -> Evaluate:
    """Elementwise with a fused activation."""
    plain = _elementwise(function)

    def compute(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
        (result,) = plain(options, operands, outputs)
        code = 0 if options is None else options.FusedActivationFunction()
        low, high = activation_from_tflite(code).value
        if math.isfinite(low):
            result = np.maximum(result, np.array(low, result.dtype))
        if math.isfinite(high):
            result = np.minimum(result, np.array(high, result.dtype))
        return [result]

    return compute


def _divide(x: Array, y: Array) -> Array:
    if y.dtype.kind != "f":
        _refuse_zeros(y)
    return quotient(x, y)


def _floor_divide(x: Array, y: Array) -> Array:
    _refuse_zeros(y)
    return np.asarray(np.floor_divide(x, y))


def _floor_mod(x: Array, y: Array) -> Array:
    _refuse_zeros(y)
    return np.asarray(np.mod(x, y))


def _refuse_zeros(y: Array) -> None:
    if not np.all(y):
        raise ModelError("divides by zero")


def _cast(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    (x,) = operands
    return [converted(x, outputs[0].dtype)]


def _reshape(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    if len(operands) > 1:
        return [operands[0].reshape(operands[1].ravel().tolist())]
    return [operands[0].reshape([options.NewShape(i) for i in range(options.NewShapeLength())])]


def _expand_dims(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    x, axis = operands
    return [np.expand_dims(x, int(axis.reshape(())))]


def _squeeze(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    count = 0 if options is None else options.SqueezeDimsLength()
    return [np.squeeze(operands[0], tuple(options.SqueezeDims(i) for i in range(count)) if count else None)]


def _pack(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    _expect((len(operands), *operands[0].shape))
    return [np.stack(operands, options.Axis())]


def _unpack(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    return list(np.moveaxis(operands[0], options.Axis(), 0))


def _concatenation(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    _expect((sum(x.size for x in operands),))
    return [np.concatenate(operands, options.Axis())]


def _gather(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    x, indices = operands
    axis = 0 if options is None else options.Axis()
    if options is not None and options.BatchDims() != 0:
        raise ModelError(f"batch_dims is {options.BatchDims()}, must be 0 in shape arithmetic")
    size = x.shape[axis]
    if np.any((indices < 0) | (indices >= size)):
        raise ModelError(f"gathers an index outside 0 to {size - 1}")
    _expect((x.size // size if size else 0, indices.size))
    return [np.take(x, indices, axis)]


def _strided_slice(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    """One index per entry of begin: the masks as tensorflow/core/ops defines them, ellipsis before new axis."""
    x, begin, end, strides = operands
    index: list[Any] = []
    for i, (first, last, stride) in enumerate(zip(begin.tolist(), end.tolist(), strides.tolist(), strict=True)):
        bit = 1 << i
        start = None if options.BeginMask() & bit else first
        stop = None if options.EndMask() & bit else last + (first if options.Offset() else 0)
        if options.EllipsisMask() & bit:
            index.append(Ellipsis)
        elif options.NewAxisMask() & bit:
            index.append(None)
        elif options.ShrinkAxisMask() & bit:
            index.append(start or 0)
        else:
            index.append(slice(start, stop, stride))
    return [np.asarray(x[tuple(index)])]


def _slice(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    x, begin, size = operands
    index = []
    for length, first, count in zip(x.shape, begin.tolist(), size.tolist(), strict=True):
        last = length if count == -1 else first + count
        if not 0 <= first <= last <= length:
            raise ModelError(f"slices elements {first} to {last} of {length}")
        index.append(slice(first, last))
    return [x[tuple(index)]]


def _split(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    axis, x = operands
    return np.split(x, len(outputs), int(axis.reshape(())))


def _split_v(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    x, sizes, axis = operands
    dimension = int(axis.reshape(()))
    length = x.shape[dimension]
    known = sizes.tolist()
    counts = [length - sum(known) - 1 if size == -1 else size for size in known]
    if sum(counts) != length or min(counts, default=0) < 0 or len(counts) != len(outputs):
        raise ModelError(f"splits {length} elements into {known}")
    return np.split(x, np.cumsum(counts)[:-1].tolist(), dimension)


def _transpose(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    x, order = operands
    return [np.transpose(x, order.tolist())]


def _reduction(function: Callable[..., Any]) -> Evaluate:
    def compute(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
        x, axes = operands
        wanted = tuple({int(axis) % max(x.ndim, 1) for axis in axes.ravel().tolist()}) if x.ndim else ()
        keep = options is not None and bool(options.KeepDims())
        return [np.asarray(function(x, axis=wanted, keepdims=keep)).astype(outputs[0].dtype)]

    return compute


def _sum(x: Array, **options: Any) -> Array:
    return np.asarray(np.sum(x, dtype=x.dtype, **options))


def _product(x: Array, **options: Any) -> Array:
    return np.asarray(np.prod(x, dtype=x.dtype, **options))


def _fill(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    shape, value = operands
    _expect(shape.tolist())
    return [np.full(shape.tolist(), value.reshape(()), outputs[0].dtype)]


def _range(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    start, limit, delta = (x.reshape(()).item() for x in operands)
    if delta == 0 or (limit - start) * delta < 0:
        raise ModelError(f"counts from {start} to {limit} in steps of {delta}")
    count = math.ceil(abs((limit - start) / delta)) if isinstance(start, float) else -((start - limit) // delta)
    _expect((count,))
    steps = np.full(count, delta, outputs[0].dtype)
    steps[:1] = start
    return [np.add.accumulate(steps, dtype=outputs[0].dtype)]


def _tile(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    x, repeats = operands
    _expect((x.size, *repeats.tolist()))
    return [np.tile(x, repeats.tolist())]


def _broadcast_to(options: Any, operands: Sequence[Array], outputs: Outputs) -> Sequence[Array]:
    x, shape = operands
    _expect(shape.tolist())
    return [np.broadcast_to(x, shape.tolist())]


EVALUATED: dict[str, Evaluate] = {
    "ABS": _elementwise(np.abs),
    "ADD": _arithmetic(np.add),
    "BROADCAST_TO": _broadcast_to,
    "CAST": _cast,
    "CONCATENATION": _concatenation,
    "DIV": _arithmetic(_divide),
    "EQUAL": _elementwise(np.equal),
    "EXPAND_DIMS": _expand_dims,
    "FILL": _fill,
    "FLOOR_DIV": _elementwise(_floor_divide),
    "FLOOR_MOD": _elementwise(_floor_mod),
    "GATHER": _gather,
    "GREATER": _elementwise(np.greater),
    "GREATER_EQUAL": _elementwise(np.greater_equal),
    "LESS": _elementwise(np.less),
    "LESS_EQUAL": _elementwise(np.less_equal),
    "LOGICAL_AND": _elementwise(np.logical_and),
    "LOGICAL_NOT": _elementwise(np.logical_not),
    "LOGICAL_OR": _elementwise(np.logical_or),
    "MAXIMUM": _elementwise(np.maximum),
    "MINIMUM": _elementwise(np.minimum),
    "MUL": _arithmetic(np.multiply),
    "NEG": _elementwise(np.negative),
    "NOT_EQUAL": _elementwise(np.not_equal),
    "PACK": _pack,
    "RANGE": _range,
    "REDUCE_MAX": _reduction(np.max),
    "REDUCE_MIN": _reduction(np.min),
    "REDUCE_PROD": _reduction(_product),
    "RESHAPE": _reshape,
    "SELECT": _elementwise(np.where),
    "SELECT_V2": _elementwise(np.where),
    "SLICE": _slice,
    "SPLIT": _split,
    "SPLIT_V": _split_v,
    "SQUEEZE": _squeeze,
    "STRIDED_SLICE": _strided_slice,
    "SUB": _arithmetic(np.subtract),
    "SUM": _reduction(_sum),
    "TILE": _tile,
    "TRANSPOSE": _transpose,
    "UNPACK": _unpack,
}
