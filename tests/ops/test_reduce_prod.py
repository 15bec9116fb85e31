"""The product is tested with the other reductions of numbers, in test_reduce_numbers.py."""

from __future__ import annotations

from simref.graph import Graph
from tests.ops.layer_cases import number_samples


def samples() -> list[Graph]:
    """One for each dtype."""
    return list(number_samples("REDUCE_PROD"))
