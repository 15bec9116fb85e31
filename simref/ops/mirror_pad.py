"""y = x inside a border of its own elements: mirrored, repeated from the edge, or continued from the other end."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np

from simref.errors import ModelError
from simref.graph import Array, Layer
from simref.ops._movement import Move, movement_form, movement_rules
from simref.ops._op import Op, TFLiteBinding, equation_of, no_macc
from simref.ops._pad import PADS_GIVEN, Pads, output_shapes, stored_pads
from simref.ops._rules import Custom, Operands, OutputShape
from simref.ops._slicing import strided_box

# Each padded dimension triples the copies: a corner has a part of its own.
MAX_PADDED = 4

Mode = Literal["reflect", "symmetric", "edge", "wrap"]
_TFLITE_MODES: tuple[Mode, ...] = ("reflect", "symmetric")


@dataclass(frozen=True)
class Attributes:
    """pads: elements (before, after) along each dimension.

    mode: of 1 2 3, two elements before are 3 2 (reflect: the edge is the mirror), 2 1 (symmetric: the mirror is
    outside the edge), 1 1 (edge) or 2 3 (wrap).
    """

    pads: Pads
    mode: Mode


def attributes(options: Any, layer: Layer) -> Attributes:
    """The paddings operand and the options' mode."""
    code = 0 if options is None else options.Mode()
    if code >= len(_TFLITE_MODES):
        raise ModelError(f"mode is {code}, must be 0 (reflect) or 1 (symmetric)")
    return Attributes(stored_pads(layer), _TFLITE_MODES[code])


def _too_wide(layer: Layer) -> str | None:
    a = layer.attributes
    if a.mode == "edge":
        return None
    for (low, high), size in zip(a.pads, layer.input(0).shape, strict=True):
        most = size - 1 if a.mode == "reflect" else size
        if max(low, high) > most:
            return f"paddings are {(low, high)} for a dimension of {size}, must be at most {most} to {a.mode}"
    return None


def _with_wide_pads(layer: Layer) -> Layer:
    pads = tuple((size + 1, 0) for size in layer.input(0).shape)
    return layer.replace(attributes=Attributes(pads, "symmetric"))


def _too_many(layer: Layer) -> str | None:
    padded = sum(1 for pad in layer.attributes.pads if any(pad))
    return f"pads {padded} dimensions, must be at most {MAX_PADDED}" if padded > MAX_PADDED else None


def _with_many_pads(layer: Layer) -> Layer:
    shape = (1,) * (MAX_PADDED + 1)
    x = dataclasses.replace(layer.input(0), shape=shape)
    return layer.replace(inputs=(x,), attributes=Attributes(((1, 1),) * len(shape), "edge"))


@dataclass(frozen=True)
class _Part:
    """One part of a dimension: `count` elements from `begin` on, `step` apart, fill `size` from `target` on.

    A single element fills any number.
    """

    begin: int
    count: int
    step: int
    target: int
    size: int


def _parts(size: int, low: int, high: int, mode: Mode) -> list[_Part]:
    """The inside, and the borders before and after it where there are any."""
    before, after = {
        "reflect": (low, size - 2),
        "symmetric": (low - 1, size - 1),
        "edge": (0, size - 1),
        "wrap": (size - low, 0),
    }[mode]
    step = 1 if mode in ("edge", "wrap") else -1
    parts = [
        _Part(0, size, 1, low, size),
        _Part(before, 1 if mode == "edge" else low, step, 0, low),
        _Part(after, 1 if mode == "edge" else high, step, low + size, high),
    ]
    return [part for part in parts if part.size]


def moves(layer: Layer, inputs: Sequence[Array], outputs: Sequence[Array]) -> Sequence[Move]:
    """The inside and each side, edge and corner of the border on its own."""
    a, found = layer.attributes, []
    dimensions = zip(layer.input(0).shape, a.pads, strict=True)
    for parts in product(*(_parts(size, low, high, a.mode) for size, (low, high) in dimensions)):
        target = outputs[0][:, *(slice(part.target, part.target + part.size) for part in parts)]
        begin, count, step = zip(*((part.begin, part.count, part.step) for part in parts), strict=True)
        source = strided_box(inputs[0], begin, count, step)
        found.append(Move(0, np.broadcast_to(source, (source.shape[0], *target.shape[1:])), 0, target))
    return found


OP = Op(
    name="MIRROR_PAD",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="MirrorPadOptions", attributes=attributes, operands=1),
    macc=no_macc,
    forms=(
        movement_form(
            moves,
            Operands(1),
            *movement_rules(),
            PADS_GIVEN,
            Custom("the border is no wider than what it mirrors", _too_wide, _with_wide_pads),
            Custom(f"at most {MAX_PADDED} dimensions are padded", _too_many, _with_many_pads),
            OutputShape(output_shapes),
        ),
    ),
)
