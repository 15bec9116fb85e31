"""y[i] = x[begin + i * stride] along every dimension, some dimensions dropped or inserted."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from simref.errors import ModelError
from simref.graph import Array, Layer, Shape
from simref.ops._movement import Move, movement_form, movement_rules
from simref.ops._op import Op, TFLiteBinding, equation_of, no_macc
from simref.ops._rules import Custom, Operands, OutputShape
from simref.ops._slicing import strided_box
from simref.ops._stored import stored_integers


@dataclass(frozen=True)
class Attributes:
    """begin, count, stride: along each dimension of the input, all masks and negative indices resolved.

    shape: the output's, which has the counts in order, but for dropped and inserted dimensions of size 1.
    """

    begin: tuple[int, ...]
    count: tuple[int, ...]
    stride: tuple[int, ...]
    shape: Shape


@dataclass(frozen=True)
class _Entry:
    """What is asked of one dimension; begin and end are None where a mask leaves them open."""

    begin: int | None = None
    end: int | None = None
    stride: int = 1
    shrink: bool = False


def attributes(options: Any, layer: Layer) -> Attributes:
    """The operands and masks, as TFLite's `BuildStridedSliceParams`, `StartForAxis` and `EndForAxis` read them."""
    begin = stored_integers(layer, 1, "begin")
    end = stored_integers(layer, 2, "end", length=len(begin))
    stride = stored_integers(layer, 3, "strides", length=len(begin))
    if 0 in stride:
        raise ModelError(f"strides are {stride}, must not be 0")
    if options.Offset():
        raise ModelError("its end is an offset from begin, must be a position")
    ends = tuple(None if options.EndMask() >> i & 1 else e for i, e in enumerate(end))
    begins = tuple(None if options.BeginMask() >> i & 1 else b for i, b in enumerate(begin))
    shrinks = tuple(bool(options.ShrinkAxisMask() >> i & 1) for i in range(len(begin)))
    entries = [_Entry(*fields) for fields in zip(begins, ends, stride, shrinks, strict=True)]
    return _resolved(layer.input(0).shape, list(_aligned(options, entries, len(layer.input(0).shape))))


def _aligned(options: Any, entries: list[_Entry], rank: int) -> Iterator[_Entry | None]:
    """One entry for each dimension of the input, and None for each inserted one, in the output's order."""
    ellipsis, new_axis = options.EllipsisMask(), options.NewAxisMask()
    inserted = sum(1 for i in range(len(entries)) if new_axis & ~ellipsis & 1 << i)
    spare = rank + inserted - len(entries)
    if ellipsis.bit_count() > 1 or spare + (ellipsis != 0) < 0 or ellipsis >> len(entries):
        raise ModelError(f"has {len(entries)} indices and ellipsis_mask {ellipsis}, which do not fit {rank} dimensions")
    for i, entry in enumerate(entries):
        if ellipsis & 1 << i:
            yield from [_Entry()] * (spare + 1)
        else:
            yield None if new_axis & 1 << i else entry
    if not ellipsis:
        yield from [_Entry()] * spare


def _resolved(shape: Shape, entries: list[_Entry | None]) -> Attributes:
    sizes = iter(shape)
    ranges: list[tuple[int, int, int]] = []
    output: list[int] = []
    for entry in entries:
        if entry is None:
            output.append(1)
            continue
        begin, count = _range(next(sizes), entry)
        ranges.append((begin, count, entry.stride))
        if not entry.shrink:
            output.append(count)
    begins, counts, strides = zip(*ranges, strict=True) if ranges else ((), (), ())
    return Attributes(begins, counts, strides, tuple(output))


def _range(size: int, entry: _Entry) -> tuple[int, int]:
    """The first index and the number of elements along a dimension of that size."""
    forward = entry.stride > 0
    low, high = (0, size) if forward else (-1, size - 1)

    def clamped(index: int | None, otherwise: int) -> int:
        return otherwise if index is None else min(max(index + size if index < 0 else index, low), high)

    begin = clamped(entry.begin, low if forward else high)
    if entry.shrink:
        if not forward or not 0 <= begin < size:
            raise ModelError(f"drops a dimension of size {size} at {entry.begin}, must be inside, with stride 1")
        return begin, 1
    end = clamped(entry.end, high if forward else low)
    return begin, max(0, -((begin - end) // entry.stride))


def _outside(layer: Layer) -> str | None:
    a, shape = layer.attributes, layer.input(0).shape
    if not len(a.begin) == len(a.count) == len(a.stride) == len(shape):
        return f"has indices for {len(a.begin)} dimensions, must have them for {len(shape)}"
    for begin, count, stride, size in zip(a.begin, a.count, a.stride, shape, strict=True):
        if count < 1 or not 0 <= begin < size or not 0 <= begin + (count - 1) * stride < size:
            return f"takes {count} elements from {begin} on, {stride} apart, of {size}; must be some, and inside"
    return None


def _with_count_outside(layer: Layer) -> Layer:
    count = tuple(size + 1 for size in layer.input(0).shape)
    return layer.replace(attributes=dataclasses.replace(layer.attributes, count=count))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The counts, without the dropped dimensions, with the inserted ones."""
    return (layer.attributes.shape,)


def moves(layer: Layer, inputs: Sequence[Array], outputs: Sequence[Array]) -> Sequence[Move]:
    """The strided box to the output, seen with the input's dimensions."""
    a, y = layer.attributes, outputs[0]
    return [Move(0, strided_box(inputs[0], a.begin, a.count, a.stride), 0, y.reshape(y.shape[0], *a.count))]


OP = Op(
    name="STRIDED_SLICE",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="StridedSliceOptions", attributes=attributes, operands=1),
    macc=no_macc,
    forms=(
        movement_form(
            moves,
            Operands(1),
            *movement_rules(),
            Custom("the slice lies inside the input and is not empty", _outside, _with_count_outside),
            OutputShape(output_shapes),
        ),
    ),
)
