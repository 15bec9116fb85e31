from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.emit import generate
from simref.errors import ModelError
from simref.importers.tflite import import_tflite
from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_on_host, check_reference, dtypes, movement_model, shapes, stored
from tests.oracle import random_inputs

Pads = list[tuple[int, int]]


def padded(shape: Shape, pads: Pads, dtype: str = "int8") -> bytes:
    target = [low + size + high for size, (low, high) in zip(shape, pads, strict=True)]
    return movement_model("PAD", [shape], [target], dtype=dtype, after=[stored("paddings", pads)])


def sample() -> bytes:
    return padded((1, 3, 4, 2), [(0, 0), (1, 2), (0, 1), (0, 0)])


@st.composite
def padded_shapes(draw: st.DrawFn) -> tuple[Shape, Pads]:
    """Up to five dimensions, of which some are padded on either side."""
    shape = draw(shapes(1, 5))
    pad = st.one_of(st.just((0, 0)), st.tuples(st.integers(0, 3), st.integers(0, 3)))
    return shape, [draw(pad) for _ in shape]


@given(padded_shapes(), dtypes)
@settings(max_examples=80, deadline=None)
def test_reference_equals_oracle(case: tuple[Shape, Pads], dtype: str) -> None:
    check_reference(padded(*case, dtype))


@given(padded_shapes(), dtypes)
@settings(max_examples=30, deadline=None)
def test_c_equals_reference(case: tuple[Shape, Pads], dtype: str) -> None:
    check_on_host(padded(*case, dtype))


IMAGE: Pads = [(0, 0), (1, 1), (1, 1), (0, 0)]


@pytest.mark.parametrize(
    ("shape", "pads"),
    [
        ((1, 6, 6, 8), IMAGE),
        ((1, 6, 6, 3), [(0, 0), (0, 1), (0, 1), (0, 0)]),
        ((1, 5, 7, 4), [(0, 0), (0, 0), (0, 0), (2, 2)]),
        ((2, 5, 7, 4), [(1, 0), (0, 0), (2, 1), (0, 0)]),
    ],
)
def test_border_of_rows_is_filled_alone(shape: Shape, pads: Pads) -> None:
    model = padded(shape, pads)
    check_on_host(model)
    (code,) = generate(import_tflite(model)).layers
    filled = [dict(call.fields) for call in code.calls if call.kernel == "fill_strided"]
    output = code.layer.output.elements
    assert sum(int(f["run"]) * int(f["count"]) for f in filled) == output - code.layer.input(0).elements


def test_no_padding_takes_no_code() -> None:
    model = padded((1, 4, 4, 2), [(0, 0)] * 4)
    assert generate(import_tflite(model)).entry_points == (None,)


def test_negative_paddings_are_refused() -> None:
    model = movement_model("PAD", [(4, 4)], [(3, 4)], after=[stored("paddings", [(-1, 0), (0, 0)])])
    with pytest.raises(ModelError, match="must not be negative"):
        import_tflite(model)


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
