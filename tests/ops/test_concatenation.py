from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.check import check_graph
from simref.errors import ModelError, UnsupportedError
from simref.importers.tflite import import_tflite
from tests.build_tflite import ACTIVATIONS, OperatorSpec, TensorSpec, build_model
from tests.executions import check_everywhere
from tests.ops.movement_cases import (
    Shape,
    check_on_host,
    check_reference,
    dtypes,
    moved,
    movement_model,
    shapes,
)
from tests.oracle import random_inputs


def concatenated(parts: list[Shape], axis: int, dtype: str = "int8") -> bytes:
    target = list(parts[0])
    target[axis] = sum(part[axis] for part in parts)
    return movement_model("CONCATENATION", parts, [target], dtype=dtype, options={"axis": axis})


def sample() -> bytes:
    return concatenated([(1, 3, 4, 2), (1, 3, 4, 6)], -1)


@st.composite
def cases(draw: st.DrawFn) -> bytes:
    shape = list(draw(shapes(1, 5)))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    sizes = draw(st.lists(st.integers(1, 20), min_size=1, max_size=4))
    parts = [[size if k == axis % len(shape) else n for k, n in enumerate(shape)] for size in sizes]
    return concatenated([tuple(part) for part in parts], axis, draw(dtypes))


@given(cases())
@settings(max_examples=60, deadline=None)
def test_reference_equals_oracle(model: bytes) -> None:
    check_reference(model)


@given(cases())
@settings(max_examples=20, deadline=None)
def test_c_equals_reference(model: bytes) -> None:
    check_on_host(model)


def test_constant_input() -> None:
    constant = TensorSpec("c", (1, 2, 3), "int8", 0.05, -7, data=[[[1, 2, 3], [-4, -5, -128]]])
    tensors = [moved("x", (1, 2, 5)), constant, moved("y", (1, 2, 8))]
    model = build_model(tensors, [OperatorSpec("CONCATENATION", ["x", "c"], ["y"], {"axis": 2})], ["x"], ["y"])
    check_everywhere(model, random_inputs(model, 3), cores=("cm0plus", "cm7"))


def test_same_input_twice() -> None:
    tensors = [moved("x", (1, 5)), moved("y", (1, 10))]
    model = build_model(tensors, [OperatorSpec("CONCATENATION", ["x", "x"], ["y"], {"axis": 1})], ["x"], ["y"])
    check_reference(model)
    check_on_host(model)


def test_other_scale_is_refused_as_tflite_refuses_it() -> None:
    tensors = [moved("x", (1, 5)), TensorSpec("z", (1, 5), "int8", 0.06, -7), moved("y", (1, 10))]
    model = build_model(tensors, [OperatorSpec("CONCATENATION", ["x", "z"], ["y"], {"axis": 1})], ["x", "z"], ["y"])
    with pytest.raises(UnsupportedError, match='tensor "z" has scale and zero point'):
        check_graph(import_tflite(model))
    with pytest.raises(RuntimeError, match="CONCATENATION"):
        random_inputs(model, 1)


def test_fused_activation_is_refused() -> None:
    options = {"axis": 1, "fusedActivationFunction": ACTIVATIONS["RELU"]}
    model = movement_model("CONCATENATION", [(1, 2), (1, 2)], [(1, 4)], options=options)
    with pytest.raises(ModelError, match="has a fused activation, must have none"):
        import_tflite(model)


@pytest.mark.parametrize("channels", [(16, 32), (3, 5), (33, 31)])
def test_executions_agree(channels: tuple[int, int]) -> None:
    model = concatenated([(1, 3, 5, n) for n in channels], 3)
    check_everywhere(model, random_inputs(model, 2))


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))
