"""Quantized networks: QuantizeLinear and DequantizeLinear, and operators that say the same in one node.

Everything is written as float layers between QUANTIZE and DEQUANTIZE; the pass fuse_quantized makes integer layers of
them. uint8 becomes int8: zero points shift by 128, and tensors are turned back only where something else than a
DequantizeLinear reads them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array, Quantization
from simref.importers._untrusted import ACTIVATION_SCALES
from simref.importers.onnx import activations, arithmetic, convolution, matmul, movement, pooling
from simref.importers.onnx.context import Context, Converter
from simref.importers.onnx.reader import Node
from simref.importers.onnx.tensor import dtype_name
from simref.importers.onnx.value import Value, constant
from simref.ops.gelu import Attributes as Gelu

# How many of a uint8 are below the zero of the int8 in its place.
SHIFT = 128
QUANTIZED = ("int8", "uint8", "int16")
# Integers that float32 holds exactly, so that conversions can be spelled out.
SPELLED_OUT = (*QUANTIZED, "uint16")


@dataclasses.dataclass(frozen=True)
class _Scale:
    """scale: float32, one element, one per channel or one per element of a value. zero_point: int64, as many.

    axis: of the channels, or None.
    """

    scale: Array
    zero_point: Array
    axis: int | None

    @property
    def per_tensor(self) -> bool:
        """One scale for all elements."""
        return self.scale.size == 1

    def spread(self, rank: int) -> tuple[Array, Array]:
        """scale and zero_point in shapes that broadcast to a value of that rank."""
        if self.axis is None:
            return self.scale, self.zero_point
        shape = [-1 if axis == self.axis else 1 for axis in range(rank)]
        return self.scale.reshape(shape), self.zero_point.reshape(shape)

    def quantization(self, dtype: np.dtype) -> Quantization:
        """As a tensor of that dtype has it in this project: uint8 as int8."""
        shift = SHIFT if dtype == np.uint8 else 0
        return Quantization(self.scale, self.zero_point - shift, self.axis)


def _scale(ctx: Context, node: Node, position: int, x: Value | None) -> _Scale:
    """The scale and the zero point behind it. x: the value that has the channels, None for a per-tensor scale."""
    scale = ctx.constant(node, position, "its scale")
    if scale is None or scale.dtype != np.float32:
        raise UnsupportedError(f"{node}: its scale is {None if scale is None else scale.dtype}, must be float32")
    zero_point = ctx.constant(node, position + 1, "its zero point")
    zeros = np.zeros(scale.shape, np.int64) if zero_point is None else zero_point.astype(np.int64)
    low, high = ACTIVATION_SCALES
    if zeros.size != scale.size or not np.all((scale > low) & (scale < high)):
        raise ModelError(f"{node}: its scale {scale.ravel()[:4]} and zero point {zeros.ravel()[:4]} are unusable")
    if scale.size == 1:
        return _Scale(scale.reshape(1), zeros.reshape(1), None)
    if x is None:
        raise UnsupportedError(f"{node}: it is quantized per channel, must be per tensor")
    if scale.ndim > 1:
        return _blocks(ctx, node, x, scale, zeros.reshape(scale.shape))
    axis = x.axis(node, node.get("axis", 1))
    if x.shape[axis] != scale.size:
        raise ModelError(f"{node}: it has {scale.size} scales for {x.shape[axis]} channels")
    return _Scale(scale, zeros, axis)


def _blocks(ctx: Context, node: Node, x: Value, scale: Array, zero_point: Array) -> _Scale:
    """One scale for each element, of scales for blocks of so many of them along the axis."""
    axis = x.axis(node, node.get("axis", 1))
    size = min(node.get("block_size", 0), x.shape[axis])
    blocks = [-(-n // size) if k == axis and size > 0 else n for k, n in enumerate(x.shape)]
    if size < 1 or scale.shape != tuple(blocks):
        raise ModelError(f"{node}: it has {scale.shape} scales for blocks of {size} elements of {x.shape}")
    if x.data is None:
        ctx.check_constant(node, math.prod(x.shape))
    within = tuple(slice(n) for n in x.shape)
    each, zeros = (np.repeat(part, size, axis)[within] for part in (scale, zero_point))
    return _Scale(each, zeros, None)


def dequantized(ctx: Context, node: Node, x: Value, scale: _Scale) -> Value:
    """The float32 value; a constant remembers how it was stored."""
    if x.data is not None and x.dtype.kind in "iu":
        return _dequantized_constant(x, x.data, scale)
    if x.data is not None or x.dtype.name not in SPELLED_OUT:
        raise UnsupportedError(f"{node}: its input is {x.dtype}, must be {' or '.join(SPELLED_OUT)}")
    if not _has_layers(x.dtype.name, scale):
        return _dequantized_by_parts(ctx, node, x, scale)
    _label(ctx, node, x, Quantization(scale.scale, scale.zero_point))
    signed = ctx.signed(node, x.tensor)
    made = ctx.layer(node, "DEQUANTIZE", [signed], dtype="float32")
    return ctx.computed(node, made, x.order, x.shape)


def _has_layers(dtype: str, scale: _Scale) -> bool:
    """Whether QUANTIZE and DEQUANTIZE take such integers."""
    return dtype in QUANTIZED and scale.per_tensor and not (dtype == "int16" and np.any(scale.zero_point))


def _dequantized_by_parts(ctx: Context, node: Node, x: Value, scale: _Scale) -> Value:
    scales, zeros = _constants(node, x, scale)
    reals = ctx.map(node, "CAST", x, dtype="float32", suffix="/float32")
    if np.any(scale.zero_point):
        reals = arithmetic.combine(ctx, node, "SUB", [reals, zeros], arithmetic.PLAIN, suffix="/shifted")
    return arithmetic.combine(ctx, node, "MUL", [reals, scales], arithmetic.PLAIN)


def _quantized_by_parts(ctx: Context, node: Node, x: Value, scale: _Scale, dtype: str) -> Value:
    scales, zeros = _constants(node, x, scale)
    steps = arithmetic.combine(ctx, node, "DIV", [x, scales], arithmetic.PLAIN, suffix="/steps")
    steps = ctx.map(node, "ROUND", steps, suffix="/round")
    if np.any(scale.zero_point):
        steps = arithmetic.combine(ctx, node, "ADD", [steps, zeros], arithmetic.PLAIN, suffix="/shifted")
    # CAST saturates.
    return ctx.map(node, "CAST", steps, dtype=dtype)


def _constants(node: Node, x: Value, scale: _Scale) -> tuple[Value, Value]:
    scales, zeros = scale.spread(x.rank)
    return constant(f"{node.name}/scale", scales), constant(f"{node.name}/zero", zeros.astype(np.float32))


def _dequantized_constant(x: Value, data: Array, scale: _Scale) -> Value:
    scales, zeros = scale.spread(x.rank)
    reals = scales.astype(np.float64) * (data.astype(np.int64) - zeros)
    kept = x.dtype.name in ("int8", "uint8", "int32") and (scale.per_tensor or scale.axis is not None)
    remembered = scale.quantization(x.dtype) if kept else None
    return constant(x.name, reals.astype(np.float32).reshape(x.shape), remembered)


def _label(ctx: Context, node: Node, x: Value, quantization: Quantization) -> None:
    """Give the tensor its scale; raises UnsupportedError where it has another."""
    tensor = ctx.builder.tensors[x.tensor]
    if tensor.quantization is None:
        ctx.builder.tensors[x.tensor] = dataclasses.replace(tensor, quantization=quantization)
    elif (tensor.scale, tensor.zero_point) != (float(quantization.scale[0]), int(quantization.zero_point[0])):
        raise UnsupportedError(
            f'{node}: its scale and zero point are not those that "{tensor.name}" was quantized with, must be the same'
        )


def quantized(ctx: Context, node: Node, x: Value, scale: _Scale, dtype: str) -> Value:
    """The integers of a float32 value."""
    if dtype not in SPELLED_OUT:
        raise UnsupportedError(f"{node}: it quantizes to {dtype}, must be to {' or '.join(SPELLED_OUT)}")
    if not _has_layers(dtype, scale):
        return _quantized_by_parts(ctx, node, x, scale, dtype)
    if dtype != "uint8":
        return ctx.map(node, "QUANTIZE", x, dtype=dtype, quantization=Quantization(scale.scale, scale.zero_point))
    shifted = scale.quantization(np.dtype(np.uint8))
    signed = ctx.map(node, "QUANTIZE", x, dtype="int8", quantization=shifted)
    return ctx.computed(node, ctx.unsigned(node, signed.tensor), signed.order, signed.shape)


def dequantize_linear(ctx: Context, node: Node) -> Sequence[Value]:
    """DEQUANTIZE; CAST, SUB and MUL per channel, in blocks, of uint16, and of int16 with a zero point."""
    x = ctx.operand(node, 0)
    return [dequantized(ctx, node, x, _scale(ctx, node, 1, x))]


def quantize_linear(ctx: Context, node: Node) -> Sequence[Value]:
    """QUANTIZE. Halves round away from zero here, to even in ONNX: at exact ties results differ by one.
    DIV, ROUND, ADD and CAST per channel, in blocks, to uint16, and to int16 with a zero point: halves round to even.
    """
    x = ctx.operand(node, 0)
    kind = node.get("output_dtype", 0)
    zero_point = ctx.constant(node, 2, "its zero point")
    dtype = (
        dtype_name(kind, f"{node}: its result") if kind else "uint8" if zero_point is None else zero_point.dtype.name
    )
    scale = _scale(ctx, node, 1, x)
    if x.data is None:
        return [quantized(ctx, node, x, scale, dtype)]
    if dtype not in SPELLED_OUT:
        raise UnsupportedError(f"{node}: it quantizes to {dtype}, must be to {' or '.join(SPELLED_OUT)}")
    info, (scales, zeros) = np.iinfo(dtype), scale.spread(x.rank)
    steps = np.rint(x.data / scales).astype(np.float64) + zeros
    return [constant(x.name, np.clip(steps, info.min, info.max).astype(dtype).reshape(x.shape))]


def _inner(ctx: Context, node: Node, op: str, values: Sequence[Value | None]) -> Node:
    """A node of that operator over values that have no names of their own."""
    names = []
    for position, value in enumerate(values):
        name = "" if value is None else ctx.unique(f"{node.name}/operand{position}")
        if value is not None:
            ctx.values[name] = value
        names.append(name)
    return dataclasses.replace(node, op=op, domain="", inputs=tuple(names))


def _read(ctx: Context, node: Node, position: int) -> Value:
    """The operand at the position, dequantized by the scale and zero point behind it."""
    x = ctx.operand(node, position)
    plain = dataclasses.replace(node, attributes={key: v for key, v in node.attributes.items() if key != "axis"})
    return dequantized(ctx, plain, x, _scale(ctx, plain, position + 1, None if x.data is None else x))


def _written(ctx: Context, node: Node, value: Value, position: int) -> Sequence[Value]:
    """The result quantized by the scale and zero point at the position."""
    zero_point = ctx.constant(node, position + 1, "its zero point")
    dtype = "uint8" if zero_point is None else zero_point.dtype.name
    return [quantized(ctx, node, value, _scale(ctx, node, position, None), dtype)]


def qlinear_conv(ctx: Context, node: Node) -> Sequence[Value]:
    """CONV_2D or DEPTHWISE_CONV_2D of int8: x, w, y each with scale and zero point, then the bias of the sums."""
    x = _read(ctx, node, 0)
    weights = ctx.operand(node, 3)
    by_filter = dataclasses.replace(node, attributes={**node.attributes, "axis": 0})
    scale = _scale(ctx, by_filter, 4, weights)
    operands = [x, dequantized(ctx, node, weights, scale), _sum_bias(ctx, node, 8, (1, scale))]
    (result,) = convolution.conv(ctx, _inner(ctx, node, "Conv", operands))
    return _written(ctx, node, result, 6)


def _sum_bias(ctx: Context, node: Node, position: int, scales: tuple[int, _Scale]) -> Value | None:
    """The int32 bias as the float32 value it stands for. scales: the position of the input's, and the weights'."""
    bias = ctx.optional(node, position)
    if bias is None:
        return None
    of_input = ctx.constant(node, scales[0], "its scale")
    if bias.data is None or of_input is None:
        raise UnsupportedError(f"{node}: its bias is computed at run time, must be a constant")
    factor = of_input.reshape(()).astype(np.float64) * scales[1].scale
    return constant(bias.name, (bias.data * factor).astype(np.float32))


def qlinear_matmul(ctx: Context, node: Node) -> Sequence[Value]:
    """MatMul of integers; the second operand may have a scale for each column."""
    b = ctx.operand(node, 3)
    by_column = dataclasses.replace(node, attributes={"axis": b.rank - 1})
    operands = [
        _read(ctx, node, 0),
        dequantized(ctx, node, b, _scale(ctx, by_column, 4, b if b.data is not None else None)),
    ]
    (result,) = matmul.matmul(ctx, _inner(ctx, node, "MatMul", operands))
    return _written(ctx, node, result, 6)


def qgemm(ctx: Context, node: Node) -> Sequence[Value]:
    """Gemm of integers: a, b, then the int32 bias, then the scale and zero point of the result."""
    b = ctx.operand(node, 3)
    axis = 0 if node.get("transB", False) else 1
    scale = _scale(ctx, dataclasses.replace(node, attributes={"axis": axis}), 4, b)
    operands = [_read(ctx, node, 0), dequantized(ctx, node, b, scale), _sum_bias(ctx, node, 6, (1, scale))]
    (result,) = matmul.gemm(ctx, _inner(ctx, node, "Gemm", operands))
    return [result] if not node.has(7) else _written(ctx, node, result, 7)


def _qlinear(op: str, convert: Converter, operands: int) -> Converter:
    """A node of one or two operands, each with scale and zero point, then those of the result."""

    def whole(ctx: Context, node: Node) -> Sequence[Value]:
        if node.get("channels_last", False):
            raise UnsupportedError(f"{node}: its channels are last, must be dimension 1")
        values = [_read(ctx, node, 3 * k) for k in range(operands)]
        (result,) = convert(ctx, _inner(ctx, node, op, values))
        return _written(ctx, node, result, 3 * operands)

    whole.__doc__ = f"{op} of integers: each operand with scale and zero point, then those of the result."
    return whole


def qlinear_concat(ctx: Context, node: Node) -> Sequence[Value]:
    """Concat of integers: the result's scale and zero point come first."""
    values = [_read(ctx, node, position) for position in range(2, len(node.inputs), 3)]
    (result,) = movement.concat(ctx, _inner(ctx, node, "Concat", values))
    return _written(ctx, node, result, 0)


def qlinear_softmax(ctx: Context, node: Node) -> Sequence[Value]:
    """SOFTMAX of integers; an attribute says of which opset."""
    inner = dataclasses.replace(_inner(ctx, node, "Softmax", [_read(ctx, node, 0)]), opset=node.get("opset", 13))
    (result,) = activations.CONVERTERS["Softmax"](ctx, inner)
    return _written(ctx, node, result, 3)


def fast_gelu(ctx: Context, node: Node) -> Sequence[Value]:
    """GELU by tanh, of the sum with a bias if there is one."""
    return [_gelu(ctx, node, approximate=True)]


def bias_gelu(ctx: Context, node: Node) -> Sequence[Value]:
    """GELU of the sum with a bias."""
    return [_gelu(ctx, node, approximate=False)]


def _gelu(ctx: Context, node: Node, *, approximate: bool) -> Value:
    x, bias = ctx.operand(node, 0), ctx.optional(node, 1)
    if bias is not None:
        x = arithmetic.combine(ctx, node, "ADD", [x, bias], arithmetic.PLAIN, suffix="/bias")
    return ctx.map(node, "GELU", x, Gelu(approximate))


def fused_matmul(ctx: Context, node: Node) -> Sequence[Value]:
    """MatMul of operands whose last two dimensions may be swapped, times a number."""
    values = []
    for position, swap in enumerate(("transA", "transB")):
        value = ctx.operand(node, position)
        if node.get(swap, 0) and value.rank > 1:
            value = ctx.transpose(node, value, (*range(value.rank - 2), value.rank - 1, value.rank - 2))
        values.append(value)
    if node.get("transBatchA", 0) or node.get("transBatchB", 0):
        raise UnsupportedError(f"{node}: it swaps batch dimensions, must not")
    (product,) = matmul.matmul(ctx, _inner(ctx, node, "MatMul", values))
    alpha = node.get("alpha", 1.0)
    if alpha == 1:
        return [product]
    factor = arithmetic.scalar(product, alpha, "alpha")
    return [arithmetic.combine(ctx, node, "MUL", [product, factor], arithmetic.PLAIN, suffix="/alpha")]


CONVERTERS: dict[str, Converter] = {
    "DequantizeLinear": dequantize_linear,
    "QLinearConv": qlinear_conv,
    "QLinearMatMul": qlinear_matmul,
    "QuantizeLinear": quantize_linear,
}
MICROSOFT: dict[str, Converter] = {
    "BiasGelu": bias_gelu,
    "DequantizeLinear": dequantize_linear,
    "FastGelu": fast_gelu,
    "FusedMatMul": fused_matmul,
    "Gelu": activations.gelu,
    "QGemm": qgemm,
    "QLinearAdd": _qlinear("Add", arithmetic.CONVERTERS["Add"], 2),
    "QLinearAveragePool": _qlinear("AveragePool", pooling.average_pool, 1),
    "QLinearConcat": qlinear_concat,
    "QLinearGlobalAveragePool": _qlinear("GlobalAveragePool", pooling.global_average_pool, 1),
    "QLinearLeakyRelu": _qlinear("LeakyRelu", activations.CONVERTERS["LeakyRelu"], 1),
    "QLinearMul": _qlinear("Mul", arithmetic.CONVERTERS["Mul"], 2),
    "QLinearSigmoid": _qlinear("Sigmoid", activations.CONVERTERS["Sigmoid"], 1),
    "QLinearSoftmax": qlinear_softmax,
    "QuantizeLinear": quantize_linear,
}
