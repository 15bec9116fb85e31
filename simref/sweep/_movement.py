"""Drawn layers that move data: copies, fills and resized images."""

from __future__ import annotations

from simref.ops import concatenation, strided_slice, transpose
from simref.ops import slice as slice_op
from simref.ops._pad import Attributes as PadAttributes
from simref.ops._resize import Attributes as ResizeAttributes
from simref.sweep._sheet import Draw, Family, Rng, Sheet, between, drawn_shape, one_of


def transposed(sheet: Sheet, rng: Rng) -> None:
    """Any permutation of up to four dimensions."""
    rank = int(rng.integers(2, 5))
    x = sheet.input(drawn_shape(rng, rank), one_of(rng, *["int8"] * 4, "int16", "float32"))
    permutation = tuple(rng.permutation(rank).tolist())
    tensor = sheet.tensor(x)
    sheet.layer("TRANSPOSE", (x,), transpose.Attributes(permutation), dtype=tensor.dtype.name)


def concatenated(sheet: Sheet, rng: Rng) -> None:
    """Two to four images, mostly along the channels."""
    shape, axis = [1, between(rng, 1, 16), between(rng, 1, 16)], one_of(rng, 3, 3, 1, 2)
    channels = between(rng, 1, 32)
    inputs = []
    for _ in range(int(rng.integers(2, 5))):
        size = [*shape, channels]
        size[axis] = between(rng, 1, 32)
        inputs.append(sheet.input(tuple(size)))
    sheet.layer("CONCATENATION", tuple(inputs), concatenation.Attributes(axis))


def sliced(sheet: Sheet, rng: Rng) -> None:
    """A box of a drawn shape."""
    shape = drawn_shape(rng, int(rng.integers(1, 5)), 8000)
    begin = tuple(int(rng.integers(0, n)) if rng.random() < 0.5 else 0 for n in shape)
    size = tuple(between(rng, 1, n - b) for n, b in zip(shape, begin, strict=True))
    sheet.layer("SLICE", (sheet.input(shape),), slice_op.Attributes(begin, size))


def strided(sheet: Sheet, rng: Rng) -> None:
    """Every second or third element along some dimensions."""
    shape = drawn_shape(rng, int(rng.integers(1, 5)), 8000)
    stride = tuple(int(one_of(rng, 1, 1, 2, 3)) for _ in shape)
    count = tuple(-(-n // s) for n, s in zip(shape, stride, strict=True))
    attributes = strided_slice.Attributes((0,) * len(shape), count, stride, count)
    sheet.layer("STRIDED_SLICE", (sheet.input(shape),), attributes)


def pad(sheet: Sheet, rng: Rng) -> None:
    """A border around images, and now and then in front of the channels."""
    shape = (1, between(rng, 1, 32), between(rng, 1, 32), between(rng, 1, 8))
    sides = [(0, 0), *((int(rng.integers(0, 4)), int(rng.integers(0, 4))) for _ in range(2)), (0, 0)]
    if rng.random() < 0.3:
        sides[3] = (int(rng.integers(0, 3)), int(rng.integers(0, 9)))
    sheet.layer("PAD", (sheet.input(shape),), PadAttributes(tuple(sides), 0))


def resized(op: str) -> Draw:
    """An image scaled up or down."""

    def draw(sheet: Sheet, rng: Rng) -> None:
        shape = (1, between(rng, 2, 12), between(rng, 2, 12), between(rng, 1, 32))
        factor = int(one_of(rng, 2, 2, 2, 3, 4))
        size = one_of(rng, (shape[1] * factor, shape[2] * factor), (between(rng, 1, 24), between(rng, 1, 24)))
        sheet.layer(op, (sheet.input(shape),), ResizeAttributes(size, False, bool(rng.integers(2))))

    return draw


FAMILIES = {
    "transpose": Family(transposed, 60, 12),
    "concatenation": Family(concatenated, 60, 12),
    "slice": Family(sliced, 40, 8),
    "strided_slice": Family(strided, 40, 8),
    "pad": Family(pad, 60, 12),
    "resize_bilinear": Family(resized("RESIZE_BILINEAR"), 30, 6),
    "resize_nearest_neighbor": Family(resized("RESIZE_NEAREST_NEIGHBOR"), 40, 8),
}
