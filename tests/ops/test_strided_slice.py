from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.emit import generate
from simref.errors import ModelError
from simref.importers.tflite import import_tflite
from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_on_host, check_reference, dtypes, movement_model, shapes, stored
from tests.oracle import random_inputs

MASKS = ("beginMask", "endMask", "ellipsisMask", "newAxisMask", "shrinkAxisMask")


def strided(
    shape: Shape, operands: list[list[int]], target: Shape, masks: dict[str, int] | None = None, dtype: str = "int8"
) -> bytes:
    names = ("begin", "end", "strides")
    after = [stored(name, values) for name, values in zip(names, operands, strict=True)]
    return movement_model("STRIDED_SLICE", [shape], [target], dtype=dtype, after=after, options=masks or {})


def sample() -> bytes:
    masks = {"endMask": 2, "shrinkAxisMask": 8}
    return strided((1, 6, 5, 4), [[0, 1, 4, 2], [1, 0, -6, 3], [1, 2, -1, 1]], (1, 3, 5), masks)


class Indexing:
    """One random index of every kind that Python has, in TFLite's terms."""

    def __init__(self, draw: st.DrawFn, shape: Shape) -> None:
        self.draw = draw
        self.index: list[Any] = []
        self.operands: list[list[int]] = [[], [], []]
        self.masks = dict.fromkeys(MASKS, 0)
        ellipsis = draw(st.integers(0, len(shape)))
        span = draw(st.integers(1, 2)) if draw(st.booleans()) else 0
        axis = 0
        while axis < len(shape):
            if span and axis == ellipsis and axis + span <= len(shape):
                self.entry(Ellipsis, (0, 0, 1), "ellipsisMask")
                axis += span
                continue
            if draw(st.integers(0, 5)) == 0:
                self.entry(None, (3, 1, 1), "newAxisMask")
            self.dimension(shape[axis])
            axis += 1

    def entry(self, index: Any, operands: tuple[int, int, int], *masks: str) -> None:
        for mask in masks:
            self.masks[mask] |= 1 << len(self.index)
        for values, value in zip(self.operands, operands, strict=True):
            values.append(value)
        self.index.append(index)

    def dimension(self, size: int) -> None:
        draw = self.draw
        if draw(st.integers(0, 3)) == 0:
            place = draw(st.integers(-size, size - 1))
            self.entry(place, (place, draw(st.integers(-9, 9)), 1), "shrinkAxisMask")
            return
        begin, end, stride = (draw(st.integers(-size - 2, size + 2)) for _ in range(3))
        stride = stride or 1
        open_begin, open_end = draw(st.booleans()), draw(st.booleans())
        masks = [mask for mask, is_open in zip(MASKS, (open_begin, open_end), strict=False) if is_open]
        chosen = slice(None if open_begin else begin, None if open_end else end, stride)
        if len(range(size)[chosen]) == 0:
            chosen, masks = slice(None, None, stride), ["beginMask", "endMask"]
        self.entry(chosen, (begin, end, stride), *masks)


@st.composite
def cases(draw: st.DrawFn) -> bytes:
    shape = draw(shapes(1, 4, 6))
    indexing = Indexing(draw, shape)
    target = np.empty(shape, np.int8)[tuple(indexing.index)].shape
    return strided(shape, indexing.operands, target, indexing.masks, draw(dtypes))


@given(cases())
@settings(max_examples=200, deadline=None)
def test_reference_equals_oracle(model: bytes) -> None:
    check_reference(model)


@given(cases())
@settings(max_examples=30, deadline=None)
def test_c_equals_reference(model: bytes) -> None:
    check_on_host(model)


def test_slice_of_everything_takes_no_code() -> None:
    model = strided((1, 4, 3), [[0, 0], [1, 4], [1, 1]], (1, 4, 3))
    assert generate(import_tflite(model)).entry_points == (None,)


@pytest.mark.parametrize(
    ("operands", "masks", "why"),
    [
        ([[0], [2], [0]], {}, "must not be 0"),
        ([[5], [6], [1]], {"shrinkAxisMask": 1}, "must be inside"),
        ([[1], [0], [-1]], {"shrinkAxisMask": 1}, "must be inside, with stride 1"),
        ([[0, 0, 0], [1, 1, 1], [1, 1, 1]], {}, "do not fit 2 dimensions"),
        ([[0, 0], [1, 1], [1, 1]], {"ellipsisMask": 3}, "do not fit 2 dimensions"),
        ([[0], [1], [1]], {"ellipsisMask": 4}, "do not fit 2 dimensions"),
        ([[0], [1], [1]], {"offset": True}, "must be a position"),
    ],
)
def test_contradictory_operands_are_refused(operands: list[list[int]], masks: dict[str, int], why: str) -> None:
    with pytest.raises(ModelError, match=f'layer 0 STRIDED_SLICE "y0": .*{why}'):
        import_tflite(strided((4, 3), operands, (1, 1), masks))


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
