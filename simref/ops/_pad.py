"""What PAD and PADV2 share: the input inside a border of one value."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simref.errors import ModelError
from simref.graph import Array, Layer, Shape
from simref.ops._movement import Move, movement_kernels, movement_rules
from simref.ops._op import KernelCall
from simref.ops._rules import Custom, Operands, OutputShape, Rule
from simref.ops._stored import stored_integers
from simref.ops._strided import address_of, strided_params

Pads = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Attributes:
    """pads: elements (before, after) along each dimension. value: of the border, as stored in the output."""

    pads: Pads
    value: int | float


def stored_pads(layer: Layer) -> Pads:
    """The paddings operand, one (before, after) for each dimension of the input."""
    rank = len(layer.input(0).shape)
    flat = stored_integers(layer, 1, "paddings", length=2 * rank)
    pads = tuple(zip(flat[::2], flat[1::2], strict=True))
    if min(flat, default=0) < 0:
        raise ModelError(f"paddings are {pads}, must not be negative")
    return pads


def _wrong_pads(layer: Layer) -> str | None:
    pads, rank = layer.attributes.pads, len(layer.input(0).shape)
    if len(pads) != rank:
        return f"has paddings for {len(pads)} dimensions, must have them for {rank}"
    return f"paddings are {pads}, must not be negative" if any(min(pad) < 0 for pad in pads) else None


def _with_negative_pads(layer: Layer) -> Layer:
    negative = ((-1, 0),) * len(layer.attributes.pads)
    return layer.replace(attributes=dataclasses.replace(layer.attributes, pads=negative))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The input's shape grown by the pads."""
    pads = layer.attributes.pads
    return (tuple(low + size + high for size, (low, high) in zip(layer.input(0).shape, pads, strict=True)),)


def _wrong_value(layer: Layer) -> str | None:
    value, dtype = layer.attributes.value, layer.output.dtype
    if dtype.kind == "f":
        return "value is not a number" if math.isnan(value) else None
    low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    good = math.isfinite(value) and value == int(value) and low <= value <= high
    return None if good else f"value is {value}, must be an integer from {low} to {high}"


def _with_other_value(layer: Layer) -> Layer:
    value = math.nan if layer.output.dtype.kind == "f" else 1 << 64
    return layer.replace(attributes=dataclasses.replace(layer.attributes, value=value))


PADS_GIVEN = Custom("paddings are given for each dimension and not negative", _wrong_pads, _with_negative_pads)

VALUE_FITS = Custom("value is one that the dtype has", _wrong_value, _with_other_value)

PAD_RULES: tuple[Rule, ...] = (Operands(1), *movement_rules(), PADS_GIVEN, VALUE_FITS, OutputShape(output_shapes))


def moves(layer: Layer, inputs: Sequence[Array], outputs: Sequence[Array]) -> Sequence[Move]:
    """The input to the inside of the output."""
    inside = tuple(
        slice(low, low + size) for size, (low, _) in zip(layer.input(0).shape, layer.attributes.pads, strict=True)
    )
    return [Move(0, inputs[0], 0, outputs[0][:, *inside])]


def pad_reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The border's value everywhere, then the input inside."""
    y = np.full((inputs[0].shape[0], *layer.output.shape), layer.attributes.value, layer.output.dtype)
    for move in moves(layer, inputs, (y,)):
        move.destination[...] = move.source
    return (y,)


def pad_kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """The border where it is a few rows of equal bytes, else the whole output; then the input."""
    copies = movement_kernels(moves)(layer)
    if not copies:
        return ()
    value = np.array([layer.attributes.value], layer.output.dtype)
    pattern = value.tobytes()
    if len(set(pattern)) > 1:
        return (_fill_elements(layer, value), *copies)
    item = layer.output.dtype.itemsize
    groups = _merged(layer.input(0).shape, layer.attributes.pads)
    runs = _border_runs(groups, item) or [_Run(0, layer.output.nbytes, 1, 0)]
    return (*(_fill_bytes(run, pattern[0]) for run in runs), *copies)


@dataclass(frozen=True)
class _Run:
    """`count` runs of `run` bytes, the first at `offset`, `step` bytes apart."""

    offset: int
    run: int
    count: int
    step: int


def _fill_bytes(run: _Run, byte: int) -> KernelCall:
    return KernelCall(kernel="fill_strided", params={"value": byte, **dataclasses.asdict(run)}, operands=())


def _fill_elements(layer: Layer, value: Array) -> KernelCall:
    y = np.empty(layer.output.shape, layer.output.dtype)
    x = np.broadcast_to(value, y.shape)
    params = strided_params(x, address_of(value), y, address_of(y), min(value.itemsize, 4))
    return KernelCall(kernel="copy_strided", params=params, operands=(value,))


@dataclass(frozen=True)
class _Group:
    """Neighbouring dimensions as one: `size` elements of the input, `low` and `high` of border."""

    size: int
    low: int
    high: int


def _merged(shape: Shape, pads: Pads) -> list[_Group]:
    """Each dimension without pads joined to the one before it, and a leading one of size 1 dropped."""
    groups: list[_Group] = []
    for size, (low, high) in zip(shape, pads, strict=True):
        if groups and (low == high == 0):
            last = groups.pop()
            groups.append(_Group(last.size * size, last.low * size, last.high * size))
        elif not groups and size == 1 and low == high == 0:
            continue
        else:
            groups.append(_Group(size, low, high))
    return groups


def _border_runs(groups: Sequence[_Group], item: int) -> list[_Run]:
    """The border as runs of bytes: before the first row, between rows, after the last.

    A row is a contiguous run of the input. The gap behind it depends on how many dimensions end with it; with more
    than one dimension to count rows in, or more than one size of gap, the runs would be a loop nest: then none.
    """
    if len(groups) > 2:
        return []
    strides = [math.prod(g.size + g.low + g.high for g in groups[k + 1 :]) * item for k in range(len(groups))]
    total = math.prod(g.size + g.low + g.high for g in groups) * item
    before = sum(g.low * stride for g, stride in zip(groups, strides, strict=True))
    after = sum(g.high * stride for g, stride in zip(groups, strides, strict=True))
    runs = [_Run(0, before, 1, 0), _Run(total - after, after, 1, 0)]
    if len(groups) == 2:
        row, inner = groups[0].size, groups[1]
        gap = (inner.low + inner.high) * item
        runs.append(_Run(before + inner.size * item, gap, row - 1, strides[0]))
    return [run for run in runs if run.run > 0 and run.count > 0]
