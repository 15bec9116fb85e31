from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.builder import GraphBuilder
from simref.graph import Quantization
from simref.importers.tflite import import_tflite
from simref.interpreter import run
from simref.ops import operator
from simref.ops.quantize import Attributes
from tests.build_tflite import TensorSpec
from tests.executions import check_everywhere, check_executions, check_reference
from tests.ops.elementwise_cases import scales
from tests.ops.lookup_cases import unary_model
from tests.oracle import Array

PAIRS = [
    (source, target)
    for source in ("float32", "int8", "uint8", "int16")
    for target in ("int8", "uint8", "int16")
    if (source, target) != ("int16", "uint8")
]


def sample() -> bytes:
    """float32 to int8 at a model's input."""
    return quantize_model(("float32", "int8"), (1, 2, 3, 5), (1.0, 0), (0.05, -7))


def quantize_model(
    dtypes: tuple[str, str], shape: tuple[int, ...], source: tuple[float, int], target: tuple[float, int]
) -> bytes:
    x = TensorSpec("x", shape, dtypes[0])
    if dtypes[0] != "float32":
        x = TensorSpec("x", shape, dtypes[0], *source)
    return unary_model("QUANTIZE", x, TensorSpec("y", shape, dtypes[1], *target))


def zero_points(dtype: str) -> st.SearchStrategy[int]:
    info = np.iinfo(dtype if dtype != "float32" else "int8")
    return st.integers(int(info.min), int(info.max))


@st.composite
def cases(draw: st.DrawFn) -> tuple[bytes, list[Array]]:
    dtypes = draw(st.sampled_from(PAIRS))
    offsets = (0, 0) if dtypes == ("int16", "int16") else (draw(zero_points(dtypes[0])), draw(zero_points(dtypes[1])))
    source, target = (draw(scales()), offsets[0]), (draw(scales()), offsets[1])
    model = quantize_model(dtypes, (400,), source, target)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if dtypes[0] == "float32":
        # Half of the values are multiples of half a step, so that many quotients are ties.
        free = rng.normal(0, 100 * target[0], 200)
        return model, [np.concatenate([free, rng.integers(-400, 400, 200) * target[0] / 2]).astype(np.float32)[None]]
    info = np.iinfo(dtypes[0])
    return model, [rng.integers(info.min, info.max, (1, 400), endpoint=True).astype(dtypes[0])]


@given(cases())
@settings(max_examples=200, deadline=None)
def test_reference_equals_oracle(case: tuple[bytes, list[Array]]) -> None:
    check_reference(*case)


@pytest.mark.parametrize("pair", PAIRS)
def test_executions_agree(pair: tuple[str, str]) -> None:
    offset = 0 if pair == ("int16", "int16") else 5
    model = quantize_model(pair, (256,), (0.03, offset), (0.02, offset))
    rng = np.random.default_rng(7)
    values = rng.normal(0, 2, (2, 256)) if pair[0] == "float32" else rng.integers(0, 256, (2, 256)) * 127
    check_everywhere(model, [values.astype(pair[0])])


@pytest.mark.parametrize("scale", [0.1, 1 / 255, 0.75, 1.0])
def test_quotients_next_to_ties(scale: float) -> None:
    """Where a quotient falls on k + 1/2 only when rounded to float32, cores without its unit must divide, too."""
    ties = ((np.arange(-140, 140) + 0.5) * np.float64(np.float32(scale))).astype(np.float32)
    x = (ties.view(np.int32)[:, np.newaxis] + np.arange(-3, 4, dtype=np.int32)).view(np.float32).reshape(1, -1)
    check_everywhere(quantize_model(("float32", "int8"), x.shape[1:], (1.0, 0), (scale, -3)), [x])


@pytest.mark.parametrize("target", ["int8", "uint8", "int16"])
def test_floats_that_overflow_saturate_and_nan_is_zero(target: str) -> None:
    """Beyond int32 TFLite's cast is undefined, so only our executions are compared."""
    special = [np.inf, 3.4e38, 1e10, 131071.5, 65535.5, 1e-45, 0.49999997, 0.5, 0.75, np.nan]
    x = np.array([[*special, *(-v for v in special)]], np.float32)
    model = quantize_model(("float32", target), (20,), (1.0, 0), (1.0, 3))
    check_everywhere(model, [x], oracle=False)
    info = np.iinfo(target)
    (y,) = run(import_tflite(model), x)
    assert y[0, [0, 10]].tolist() == [info.max, info.min]
    assert y[0, [9, 19]].tolist() == [3, 3]


def test_same_scale_and_zero_point_is_a_view() -> None:
    graph = import_tflite(quantize_model(("int8", "int8"), (4,), (0.5, 1), (0.5, 1)))
    assert operator("QUANTIZE").form(graph.layers[0]).kernels(graph.layers[0]) == ()


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16"])
def test_halves_go_to_the_even_integer_where_asked(dtype: str) -> None:
    """And infinities and what lies far outside saturate, as without that."""
    builder = GraphBuilder("even")
    special = [np.inf, 3.4e38, 1e6, 131071.5, 2.5, 1.5, 0.5, 0.49999997, 0.25, np.nan]
    x = np.array([[*special, *(-v for v in special)]], np.float32)
    info = np.iinfo(dtype)
    zero_point = (info.min + info.max + 1) // 2
    scale = Quantization(np.ones(1, np.float32), np.array([zero_point]))
    source = builder.input("x", (20,))
    graph = builder.graph(
        [builder.layer("QUANTIZE", "y", [source], Attributes(ties_to_even=True), dtype=dtype, quantization=scale)]
    )
    check_executions(graph, [x])
    (y,) = run(graph, x)
    assert (y[0, [4, 5, 6, 7, 9]].astype(int) - zero_point).tolist() == [2, 2, 0, 0, 0]
    assert y[0, [0, 10]].tolist() == [info.max, info.min]
