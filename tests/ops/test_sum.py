from __future__ import annotations

from hypothesis import given, settings

from simref.graph import Graph
from tests.executions import check_everywhere, check_reference
from tests.ops.elementwise_cases import int8_values
from tests.ops.layer_cases import number_samples
from tests.ops.reduce_cases import reduce_cases, reduce_model
from tests.oracle import Array


def samples() -> list[bytes | Graph]:
    """Over height and width."""
    int8 = reduce_model("SUM", (1, 5, 4, 3), (1, 2), keep_dims=True, x=(0.05, 3), y=(0.04, -9))
    return [int8, *number_samples("SUM")]


@given(reduce_cases("SUM", rescaled=True))
@settings(max_examples=150, deadline=None)
def test_reference_equals_oracle(case: tuple[bytes, list[Array]]) -> None:
    check_reference(*case)


@given(reduce_cases("SUM", rescaled=True))
@settings(max_examples=12, deadline=None)
def test_executions_agree(case: tuple[bytes, list[Array]]) -> None:
    check_everywhere(*case)


def test_alternating_dimensions() -> None:
    """The most loops that six dimensions can need, either kind innermost."""
    for axes in ((0, 2, 4), (1, 3, 5)):
        model = reduce_model("SUM", (2, 3, 2, 3, 2, 3), axes, keep_dims=False, x=(0.05, 3), y=(0.04, -9))
        check_everywhere(model, [int8_values(0, (2, 2, 3, 2, 3, 2, 3))])
