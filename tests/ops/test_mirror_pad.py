from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.builder import GraphBuilder
from simref.check import check_graph
from simref.errors import UnsupportedError
from simref.importers.tflite import import_tflite
from simref.interpreter import run
from simref.ops._movement import MOVABLE
from simref.ops.mirror_pad import MAX_PADDED, Attributes, Mode
from tests.executions import check_everywhere
from tests.ops.gather_cases import elements
from tests.ops.movement_cases import Shape, check_graph_on_host, check_reference, dtypes, movement_model, shapes, stored
from tests.oracle import random_inputs

MODES: tuple[Mode, ...] = get_args(Mode)


def mirrored(shape: Shape, a: Attributes, dtype: str = "int8") -> bytes:
    target = [low + size + high for size, (low, high) in zip(shape, a.pads, strict=True)]
    options = {"mode": MODES.index(a.mode)}
    operands = [stored("paddings", a.pads)]
    return movement_model("MIRROR_PAD", [shape], [target], dtype=dtype, after=operands, options=options)


def sample() -> bytes:
    return mirrored((1, 5, 4, 3), Attributes(((0, 0), (2, 3), (1, 2), (0, 0)), "reflect"))


@st.composite
def cases(draw: st.DrawFn, modes: tuple[Mode, ...] = MODES) -> tuple[Shape, Attributes]:
    shape = draw(shapes(1, 5))
    mode = draw(st.sampled_from(modes))
    padded = draw(st.sets(st.integers(0, len(shape) - 1), max_size=3))
    most = [{"reflect": size - 1, "edge": 6}.get(mode, size) if k in padded else 0 for k, size in enumerate(shape)]
    return shape, Attributes(tuple((draw(st.integers(0, n)), draw(st.integers(0, n))) for n in most), mode)


@given(cases(("reflect", "symmetric")), dtypes)
@settings(max_examples=60, deadline=None)
def test_reference_equals_oracle(case: tuple[Shape, Attributes], dtype: str) -> None:
    check_reference(mirrored(*case, dtype))


@given(cases(), st.sampled_from(MOVABLE))
@settings(max_examples=40, deadline=None)
def test_equals_numpy(case: tuple[Shape, Attributes], dtype: str) -> None:
    shape, a = case
    builder = GraphBuilder("pad")
    graph = builder.graph([builder.layer("MIRROR_PAD", "y", [builder.input("x", shape, dtype)], a)])
    x = elements(shape, dtype)
    np.testing.assert_array_equal(run(graph, x)[0][0], np.pad(x, a.pads, mode=a.mode))
    check_graph_on_host(graph, [x[np.newaxis]])


@pytest.mark.parametrize(("mode", "most"), [("reflect", 3), ("symmetric", 4)])
def test_a_border_wider_than_the_input_is_refused(mode: Mode, most: int) -> None:
    model = mirrored((4,), Attributes(((most + 1, 0),), mode))
    with pytest.raises(UnsupportedError, match=f"for a dimension of 4, must be at most {most} to {mode}"):
        check_graph(import_tflite(model))


def test_six_dimensions() -> None:
    shape = (2, 3, 1, 2, 3, 2)
    pads = ((0, 0), (1, 1), (0, 0), (1, 0), (2, 1), (0, 1))
    assert sum(map(any, pads)) == MAX_PADDED
    model = mirrored(shape, Attributes(pads, "reflect"))
    check_everywhere(model, random_inputs(model, 2), cores=("cm4",), oracle=False)


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
