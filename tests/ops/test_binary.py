"""All operators of two operands over numbers that are not quantized, side by side on every machine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Shape
from simref.ops import operator
from simref.ops._activation import Activation
from simref.ops._elementwise import Attributes
from tests.build_tflite import OperatorSpec, TensorSpec
from tests.executions import check_executions
from tests.ops.elementwise_cases import broadcast_shapes
from tests.ops.number_cases import NONE, LayerSpec, all_pairs, check_close_to_tflite, graph_of, values

CLAMPED = tuple(Attributes(activation) for activation in Activation if activation is not Activation.NONE)
ARITHMETIC: list[LayerSpec] = [(op, NONE, None) for op in ("ADD", "SUB", "MUL", "DIV")]
ARITHMETIC += [
    (op, None, None) for op in ("MAXIMUM", "MINIMUM", "FLOOR_DIV", "FLOOR_MOD", "FMOD", "SQUARED_DIFFERENCE")
]
COMPARISONS: list[LayerSpec] = [
    (op, None, "bool") for op in ("EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL")
]
LAYERS: dict[str, list[LayerSpec]] = {
    "float32": [
        *ARITHMETIC,
        ("POW", None, None),
        ("PRELU", None, None),
        *((op, a, None) for op in ("ADD", "SUB", "MUL", "DIV") for a in CLAMPED),
        *COMPARISONS,
    ],
    "int32": [*ARITHMETIC, *COMPARISONS],
    "int64": [*ARITHMETIC, *COMPARISONS],
    "bool": [(op, None, "bool") for op in ("EQUAL", "NOT_EQUAL", "LOGICAL_AND", "LOGICAL_OR")],
}


@pytest.mark.parametrize("dtype", LAYERS)
def test_every_pair_of_special_values_on_every_core(dtype: str) -> None:
    a, b = all_pairs(dtype)
    graph = graph_of(LAYERS[dtype], [(a.shape, dtype), (b.shape, dtype)])
    check_executions(graph, [a[None], b[None]])


@given(broadcast_shapes(), st.sampled_from(sorted(LAYERS)), st.integers(0, 99))
@settings(max_examples=6, deadline=None)
def test_operands_broadcast(shapes: tuple[Shape, Shape], dtype: str, seed: int) -> None:
    graph = graph_of(LAYERS[dtype], [(shape, dtype) for shape in shapes])
    check_executions(graph, [values(dtype, (2, *shape), seed) for shape in shapes], cores=("cm4",))


def test_a_fused_activation_of_float32_is_counted() -> None:
    graph = graph_of([("ADD", NONE, None), ("ADD", CLAMPED[0], None)], [((2, 3), "float32")] * 2)
    assert [operator("ADD").macc(layer) for layer in graph.layers] == [6, 12]


IN_TFLITE = {
    "float32": [op for op, _, _ in (*ARITHMETIC, *COMPARISONS) if op != "FMOD"] + ["POW", "PRELU"],
    "int32": [op for op, _, _ in (*ARITHMETIC, *COMPARISONS) if op not in ("FMOD", "DIV", "FLOOR_DIV", "FLOOR_MOD")],
    "bool": ["LOGICAL_AND", "LOGICAL_OR", "EQUAL", "NOT_EQUAL"],
}


@pytest.mark.parametrize("dtype", IN_TFLITE)
def test_tflite_has_the_same_functions(dtype: str) -> None:
    rng = np.random.default_rng(0)
    drawn = (rng.uniform(0.2, 4, (2, 5, 6)), rng.uniform(-3, 3, (2, 6)), rng.integers(0, 3, (2, 5, 6)))
    data = [x.astype(dtype) for x in (drawn[:2] if dtype == "float32" else (drawn[2], drawn[2][:, 0] - 1))]
    predicates = [op for op, _, _ in COMPARISONS]
    layers = [OperatorSpec(op, ["a", "b"], [op]) for op in IN_TFLITE[dtype]]
    tensors = [TensorSpec(name, shape, dtype) for name, shape in (("a", (5, 6)), ("b", (6,)))]
    tensors += [TensorSpec(op, (5, 6), "bool" if op in predicates else dtype) for op in IN_TFLITE[dtype]]
    check_close_to_tflite(layers, tensors, data)
