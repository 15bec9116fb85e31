from __future__ import annotations

import numpy as np
import pytest

from simref.graph import Graph
from tests.build_tflite import TensorSpec
from tests.executions import check_everywhere
from tests.ops.elementwise_cases import int8_values
from tests.ops.lookup_cases import all_bytes, all_bytes_model, unary_model
from tests.ops.number_cases import computed, samples_of


def sample() -> bytes:
    """y = the clamp of int8 on another scale."""
    x, y = (TensorSpec(name, (1, 2, 3, 5), scale=scale, zero_point=4) for name, scale in (("x", 0.1), ("y", 0.05)))
    return unary_model("RELU_N1_TO_1", x, y)


def samples() -> list[bytes | Graph]:
    return [sample(), *samples_of("RELU_N1_TO_1")]


def test_values() -> None:
    x = np.array([-5, -0.5, 0, 0.5, 5], np.float32)
    assert computed("RELU_N1_TO_1", [x]).tolist() == [-1, -0.5, 0, 0.5, 1]


def test_sample() -> None:
    check_everywhere(sample(), [int8_values(0, (3, 1, 2, 3, 5))], cores=("cm4",))


@pytest.mark.parametrize("scales", [((0.02, 3), (0.01, -7)), ((0.5, -128), (0.3, 0))])
def test_every_value(scales: tuple[tuple[float, int], tuple[float, int]]) -> None:
    check_everywhere(all_bytes_model("RELU_N1_TO_1", *scales), [all_bytes()], cores=("cm0plus",))
