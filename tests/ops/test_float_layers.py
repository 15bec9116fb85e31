"""Float32 sums and windows: as TFLite's but for the rounding, and the same in every bit on every machine."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.importers.tflite import import_tflite
from tests.executions import check_executions
from tests.ops import (
    pool_cases,
    test_batch_matmul,
    test_conv_2d,
    test_depthwise_conv_2d,
    test_fully_connected,
    test_transpose_conv,
)
from tests.ops.float_cases import Layers, check_near_oracle, float_model
from tests.oracle import Array

CASES: dict[str, st.SearchStrategy[tuple[bytes, list[Array]]]] = {
    "AVERAGE_POOL_2D": pool_cases.cases("AVERAGE_POOL_2D", quantized=False),
    "BATCH_MATMUL": test_batch_matmul.cases(),
    "CONV_2D": test_conv_2d.cases(float_model),
    "DEPTHWISE_CONV_2D": test_depthwise_conv_2d.cases(float_model),
    "FULLY_CONNECTED": test_fully_connected.cases(float_model),
    "MAX_POOL_2D": pool_cases.cases("MAX_POOL_2D", quantized=False),
    "TRANSPOSE_CONV": test_transpose_conv.cases(float_model),
}
LAYERS: dict[str, Callable[[], Layers]] = {
    "AVERAGE_POOL_2D": lambda: pool_cases.float_layers("AVERAGE_POOL_2D"),
    "CONV_2D": test_conv_2d.float_layers,
    "DEPTHWISE_CONV_2D": test_depthwise_conv_2d.float_layers,
    "FULLY_CONNECTED": test_fully_connected.float_layers,
    "MAX_POOL_2D": lambda: pool_cases.float_layers("MAX_POOL_2D"),
    "TRANSPOSE_CONV": test_transpose_conv.float_layers,
}


@pytest.mark.parametrize("op", CASES)
@given(st.data())
@settings(max_examples=100, deadline=None)
def test_values_are_near_those_of_the_oracle(op: str, data: st.DataObject) -> None:
    check_near_oracle(*data.draw(CASES[op]))


@pytest.mark.parametrize("op", CASES)
@given(st.data())
@settings(max_examples=15, deadline=None)
def test_executions_agree(op: str, data: st.DataObject) -> None:
    model, inputs = data.draw(CASES[op])
    check_executions(import_tflite(model), inputs, cores=())


@pytest.mark.parametrize("op", LAYERS)
def test_layers_agree_on_every_core(op: str) -> None:
    layers = LAYERS[op]()
    check_executions(layers.graph(), layers.inputs)
