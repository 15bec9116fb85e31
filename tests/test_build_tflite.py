"""The builder and the oracle agree on what a model is."""

from __future__ import annotations

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from simref.ops import OPERATORS
from tests.build_tflite import OperatorSpec, TensorSpec, build_model, options_table
from tests.oracle import random_inputs, run_reference


@pytest.mark.parametrize("op", [*OPERATORS, "SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND", "GATHER", "SHAPE", "CAST"])
def test_every_operator_has_its_options_table(op: str) -> None:
    table = options_table(op)
    assert table is None or (hasattr(schema, f"{table}T") and hasattr(schema.BuiltinOptions, table))


def test_oracle_adds() -> None:
    model = build_model(
        [
            TensorSpec("x", (1, 4), scale=0.5, zero_point=1),
            TensorSpec("c", (1, 4), scale=0.5, data=np.full((1, 4), 2)),
            TensorSpec("y", (1, 4), scale=0.5, zero_point=1),
        ],
        [OperatorSpec("ADD", ["x", "c"], ["y"])],
        ["x"],
        ["y"],
    )
    (x,) = random_inputs(model, samples=3)
    values = run_reference(model, [x])
    np.testing.assert_array_equal(values["y"], np.minimum(x.astype(int) + 2, 127))


def test_oracle_runs_codes_above_127() -> None:
    model = build_model(
        [TensorSpec("x", (1, 3), "float32"), TensorSpec("y", (1, 3), "float32")],
        [OperatorSpec("GELU", ["x"], ["y"], {"approximate": False})],
        ["x"],
        ["y"],
    )
    values = run_reference(model, [np.zeros((1, 1, 3), np.float32)])
    np.testing.assert_array_equal(values["y"], np.zeros((1, 1, 3)))
