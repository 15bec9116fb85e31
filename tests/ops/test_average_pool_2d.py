from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from simref.interpreter import run
from simref.ops._activation import Activation
from simref.ops._pool import Attributes
from tests.executions import check_everywhere, check_reference
from tests.ops.float_cases import Layers
from tests.ops.pool_cases import cases, check_float_values, check_whole_image, pool_model
from tests.oracle import Array, random_inputs


def sample() -> bytes:
    """2x2 windows, six channels."""
    return pool_model("AVERAGE_POOL_2D", (1, 5, 6, 6), (2, 2), (2, 2), same=True)


def samples() -> list[bytes]:
    """One layer of int8 and one of float32."""
    return [sample(), pool_model("AVERAGE_POOL_2D", (1, 5, 6, 6), (2, 2), (2, 2), same=True, zero_point=None)]


@given(cases("AVERAGE_POOL_2D"))
@settings(max_examples=150, deadline=None)
def test_reference_equals_oracle(case: tuple[bytes, list[Array]]) -> None:
    check_reference(*case)


@given(cases("AVERAGE_POOL_2D"))
@settings(max_examples=12, deadline=None)
def test_executions_agree(case: tuple[bytes, list[Array]]) -> None:
    check_everywhere(*case)


def test_sample() -> None:
    check_everywhere(sample(), random_inputs(sample(), 2))


def test_whole_image() -> None:
    check_whole_image("AVERAGE_POOL_2D")


def test_float_values_of_every_kind() -> None:
    check_float_values("AVERAGE_POOL_2D")


def test_taps_in_the_padding_count_where_they_are_included() -> None:
    layers = Layers()
    for include_pad in (False, True):
        attributes = Attributes((2, 2), (2, 2), (1, 1, 1, 1), Activation.NONE, include_pad=include_pad)
        layers.layer("AVERAGE_POOL_2D", [layers.input((1, 2, 2, 1))], attributes)
    ones = np.ones((1, 1, 2, 2, 1), np.float32)
    without, included = run(layers.graph(), [ones, ones], engine="numpy")
    assert (without == 1).all()
    assert (included == 0.25).all()
