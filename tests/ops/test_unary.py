"""All operators of one operand over numbers that are not quantized, side by side on every machine."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simref.ops import celu, clip, elu, gelu, hard_sigmoid, leaky_relu, selu, silu, thresholded_relu
from tests.build_tflite import OperatorSpec, TensorSpec
from tests.executions import check_executions
from tests.float32_cases import special_values
from tests.ops.number_cases import LayerSpec, check_close_to_tflite, graph_of, values

PLAIN = (
    *("ABS", "NEG", "SIGN", "FLOOR", "CEIL", "ROUND", "TRUNC", "SQRT", "RSQRT", "SQUARE", "RECIPROCAL"),
    *("EXP", "LOG", "SIN", "COS", "ERF", "RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "LOGISTIC", "TANH"),
    *("HARD_SWISH", "SOFTPLUS", "SOFTSIGN", "MISH"),
)
FLOATS: list[LayerSpec] = [
    *((op, None, None) for op in PLAIN),
    *(("GELU", gelu.Attributes(approximate), None) for approximate in (False, True)),
    *(("LEAKY_RELU", leaky_relu.Attributes(alpha), None) for alpha in (0.1, -1.5)),
    ("ELU", elu.Attributes(0.7), None),
    ("CELU", celu.Attributes(0.7), None),
    ("SELU", selu.Attributes(), None),
    ("SILU", silu.Attributes(1.5), None),
    ("HARD_SIGMOID", hard_sigmoid.Attributes(0.2, 0.5), None),
    ("THRESHOLDED_RELU", thresholded_relu.Attributes(0.3), None),
    *(("CLIP", clip.Attributes(*bounds), None) for bounds in ((-0.5, 0.7), (-math.inf, 2), (1, -1))),
]
INTEGERS: list[LayerSpec] = [
    *((op, None, None) for op in ("ABS", "NEG", "SIGN")),
    *(("CLIP", clip.Attributes(*bounds), None) for bounds in ((-3, 7), (-math.inf, 2), (5.5, 1e30))),
]


def test_float32_on_every_core() -> None:
    rng = np.random.default_rng(0)
    around = special_values()[:, np.newaxis].view(np.int32) + np.arange(-2, 3, dtype=np.int32)
    drawn = [rng.normal(0, deviation, 150).astype(np.float32) for deviation in (0.1, 1, 10)]
    halves = np.arange(-9, 10, dtype=np.float32) / 2
    x = np.concatenate([around.view(np.float32).ravel(), *drawn, halves, values("float32", (150,))])
    check_executions(graph_of(FLOATS, [(x.shape, "float32")]), [x[np.newaxis]])


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_integers_on_every_core(dtype: str) -> None:
    x = values(dtype, (60,))
    check_executions(graph_of(INTEGERS, [(x.shape, dtype)]), [x[np.newaxis]])


def test_bool_on_every_core() -> None:
    check_executions(graph_of([("LOGICAL_NOT", None, None)], [((2,), "bool")]), [np.array([[False, True]])])


ABSENT = ("CEIL", "ERF", "MISH", "RECIPROCAL", "ROUND", "SOFTPLUS", "SOFTSIGN", "TRUNC")
# The operators that TFLite has, with what their options tables hold; it has no reference kernel of CEIL, ROUND and ELU.
IN_TFLITE: dict[str, dict[str, Any]] = {
    **{op: {} for op in PLAIN if op not in ABSENT},
    "GELU": {"approximate": True},
    "LEAKY_RELU": {"alpha": 0.3},
}


def test_tflite_has_the_same_functions() -> None:
    x = np.random.default_rng(0).uniform(-8, 8, (2, 300)).astype(np.float32)
    x[0, :17] = np.arange(-8, 9) / 2
    positive = [op in ("SQRT", "RSQRT", "LOG") for op in IN_TFLITE]
    layers = [
        OperatorSpec(op, ["above" if above else "x"], [op], options)
        for (op, options), above in zip(IN_TFLITE.items(), positive, strict=True)
    ]
    tensors = [TensorSpec(name, (300,), "float32") for name in ("x", "above", *IN_TFLITE)]
    check_close_to_tflite(layers, tensors, [x, np.abs(x) + np.float32(0.1)])


def test_gelu_without_options_is_exact_in_tflite() -> None:
    x = np.random.default_rng(0).uniform(-8, 8, (1, 300)).astype(np.float32)
    tensors = [TensorSpec(name, (300,), "float32") for name in "xy"]
    check_close_to_tflite([OperatorSpec("GELU", ["x"], ["y"], {"approximate": False})], tensors, [x])
