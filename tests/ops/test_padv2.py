from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.errors import ModelError
from simref.importers.tflite import import_tflite
from tests.build_tflite import TensorSpec
from tests.executions import check_everywhere
from tests.ops.movement_cases import Shape, check_on_host, check_reference, dtypes, moved, movement_model, stored
from tests.ops.test_pad import Pads, padded_shapes
from tests.oracle import random_inputs


def padding_value(value: float, dtype: str) -> TensorSpec:
    return dataclasses.replace(moved("value", (), dtype), data=np.asarray(value, dtype))


def padded(shape: Shape, pads: Pads, value: TensorSpec) -> bytes:
    target = [low + size + high for size, (low, high) in zip(shape, pads, strict=True)]
    operands = [stored("paddings", pads), value]
    return movement_model("PADV2", [shape], [target], dtype=value.dtype, after=operands)


def sample() -> bytes:
    return padded((1, 3, 4, 2), [(0, 0), (1, 2), (0, 1), (0, 0)], padding_value(-128, "int8"))


@st.composite
def cases(draw: st.DrawFn) -> bytes:
    shape, pads = draw(padded_shapes())
    dtype = draw(dtypes)
    if dtype == "float32":
        return padded(shape, pads, padding_value(draw(st.floats(width=32, allow_nan=False)), dtype))
    info = np.iinfo("uint8" if dtype == "bool" else dtype)
    return padded(shape, pads, padding_value(draw(st.integers(int(info.min), int(info.max))), dtype))


@given(cases())
@settings(max_examples=80, deadline=None)
def test_reference_equals_oracle(model: bytes) -> None:
    check_reference(model)


@given(cases())
@settings(max_examples=30, deadline=None)
def test_c_equals_reference(model: bytes) -> None:
    check_on_host(model)


@pytest.mark.parametrize(("value", "dtype"), [(-700, "int16"), (-1.5, "float32"), (258, "int32"), (-(2**40), "int64")])
def test_value_of_unequal_bytes(value: float, dtype: str) -> None:
    model = padded((1, 3, 5, 2), [(0, 0), (1, 0), (1, 2), (0, 0)], padding_value(value, dtype))
    check_everywhere(model, random_inputs(model, 2), cores=("cm0plus", "cm4"))


def test_value_of_another_scale_is_refused() -> None:
    value = dataclasses.replace(padding_value(3, "int8"), scale=0.3)
    with pytest.raises(ModelError, match="differ in scale or zero point"):
        import_tflite(padded((2, 2), [(1, 1), (0, 0)], value))


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
