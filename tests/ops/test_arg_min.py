from __future__ import annotations

from simref.graph import Graph
from simref.ops.arg_min import Attributes
from tests.ops.arg_cases import check_floats_like_tflite, check_numbers
from tests.ops.layer_cases import graph_of


def sample() -> Graph:
    """The smallest of each of four rows."""
    return graph_of("ARG_MIN", (4, 10), Attributes(1), outputs="int32")


def test_numbers_of_all_dtypes() -> None:
    check_numbers("ARG_MIN", ["int8", "float32", "int32", "int64"])


def test_floats_equal_those_of_tflite() -> None:
    check_floats_like_tflite("ARG_MIN")
