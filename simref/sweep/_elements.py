"""Drawn elementwise layers, conversions and reductions."""

from __future__ import annotations

from simref.graph import Shape
from simref.ops._activation import Activation
from simref.ops._elementwise import Attributes as BinaryAttributes
from simref.ops._reduce import Attributes as ReduceAttributes
from simref.ops.arg_max import Attributes as ArgMaxAttributes
from simref.ops.softmax import Attributes as SoftmaxAttributes
from simref.sweep._sheet import Draw, Family, Rng, Sheet, between, drawn_shape, one_of


def _partner(rng: Rng, shape: Shape) -> Shape:
    """The other operand's shape: mostly the same, else one value per channel, one value, or any broadcast."""
    kept = rng.random(len(shape)) < 0.5
    broadcast = tuple(n if keep else 1 for n, keep in zip(shape, kept, strict=True))
    return tuple(one_of(rng, shape, shape, shape, shape[-1:], (1,), broadcast))


def arithmetic(op: str, output_scale: float) -> Draw:
    """ADD, SUB or MUL, whose inputs and output have scales of their own."""

    def draw(sheet: Sheet, rng: Rng) -> None:
        shape = drawn_shape(rng, int(rng.integers(1, 5)))
        a = sheet.input(shape, scale=0.05, zero_point=one_of(rng, 0, -128, 5))
        b = sheet.input(_partner(rng, shape), scale=0.05 * rng.uniform(0.2, 1.0), zero_point=one_of(rng, 0, -128, 5))
        attributes = BinaryAttributes(one_of(rng, Activation.NONE, Activation.RELU))
        sheet.layer(op, (a, b), attributes, scale=output_scale, zero_point=one_of(rng, 0, -128))

    return draw


def extreme(op: str) -> Draw:
    """MAXIMUM or MINIMUM."""

    def draw(sheet: Sheet, rng: Rng) -> None:
        shape = drawn_shape(rng, int(rng.integers(1, 5)))
        sheet.layer(op, (sheet.input(shape), sheet.input(_partner(rng, shape))), BinaryAttributes(Activation.NONE))

    return draw


def unary(op: str, source: str, target: str, scales: tuple[float, float], zero_point: int = 0) -> Draw:
    """A layer that goes over its elements once. scales: of input and output."""

    def draw(sheet: Sheet, rng: Rng) -> None:
        x = sheet.input((1, between(rng, 1, 4000)), source, scales[0])
        sheet.layer(op, (x,), dtype=target, scale=scales[1], zero_point=zero_point)

    return draw


def softmax(sheet: Sheet, rng: Rng) -> None:
    """A few rows of logits, their spread between a few and many units."""
    shape = (between(rng, 1, 16), between(rng, 2, 200))
    x = sheet.input(shape, scale=between(rng, 10, 400) / 1000)
    sheet.layer("SOFTMAX", (x,), SoftmaxAttributes(1.0), scale=1 / 256, zero_point=-128)


def reduction(op: str, output_scale: float) -> Draw:
    """One of the reductions, over any dimensions."""

    def draw(sheet: Sheet, rng: Rng) -> None:
        rank = int(rng.integers(1, 5))
        shape = drawn_shape(rng, rank)
        axes = tuple(axis for axis in range(rank) if rng.random() < 0.5) or (rank - 1,)
        if rank == 4 and rng.random() < 0.5:
            axes = (1, 2)
        keep = bool(rng.integers(2))
        sheet.layer(op, (sheet.input(shape),), ReduceAttributes(axes, keep), scale=output_scale)

    return draw


def arg_max(dtype: str) -> Draw:
    """ARG_MAX, mostly along the last dimension."""

    def draw(sheet: Sheet, rng: Rng) -> None:
        shape = drawn_shape(rng, int(rng.integers(2, 4)))
        axis = one_of(rng, len(shape) - 1, int(rng.integers(len(shape))))
        sheet.layer("ARG_MAX", (sheet.input(shape),), ArgMaxAttributes(axis), dtype=dtype)

    return draw


FAMILIES = {
    "add": Family(arithmetic("ADD", 0.08), 60, 12),
    "sub": Family(arithmetic("SUB", 0.08), 20, 4),
    "mul": Family(arithmetic("MUL", 0.09), 60, 12),
    "maximum": Family(extreme("MAXIMUM"), 30, 6),
    "minimum": Family(extreme("MINIMUM"), 30, 6),
    "logistic": Family(unary("LOGISTIC", "int8", "int8", (0.05, 1 / 256), -128), 16, 5),
    "quantize_s8_s16": Family(unary("QUANTIZE", "int8", "int16", (0.05, 0.0003)), 12, 3),
    "quantize_f32_s8": Family(unary("QUANTIZE", "float32", "int8", (0.05, 1 / 255), -128), 12, 4),
    "quantize_f32_s16": Family(unary("QUANTIZE", "float32", "int16", (0.05, 1 / 32768)), 12, 3),
    "quantize_s16_s8": Family(unary("QUANTIZE", "int16", "int8", (0.0003, 0.05)), 12, 3),
    "quantize_s16_s16": Family(unary("QUANTIZE", "int16", "int16", (0.0003, 0.0004)), 12, 3),
    "dequantize_s8": Family(unary("DEQUANTIZE", "int8", "float32", (0.05, 1.0)), 12, 4),
    "dequantize_u8": Family(unary("DEQUANTIZE", "uint8", "float32", (0.05, 1.0)), 12, 3),
    "dequantize_s16": Family(unary("DEQUANTIZE", "int16", "float32", (0.05, 1.0)), 12, 3),
    "softmax": Family(softmax, 40, 10),
    "mean": Family(reduction("MEAN", 0.02), 50, 10),
    "sum": Family(reduction("SUM", 0.5), 30, 5),
    "reduce_max": Family(reduction("REDUCE_MAX", 0.05), 40, 8),
    "reduce_min": Family(reduction("REDUCE_MIN", 0.05), 40, 8),
    "arg_max_s32": Family(arg_max("int32"), 20, 5),
    "arg_max_s64": Family(arg_max("int64"), 20, 5),
}
