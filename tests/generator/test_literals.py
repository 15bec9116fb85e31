"""C text that compilers read back to the same values, whatever the values or names are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from generator import literals


@given(arrays(np.int8, st.integers(1, 60)))
def test_integers_survive(array: np.ndarray) -> None:
    assert [int(item) for item in literals.array_literal(array).replace("\n", "").split(",")[:-1]] == array.tolist()


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_survive(value: float) -> None:
    text = literals.float_literal(value)
    assert np.float32(text.removesuffix("f")) == np.float32(value)
    assert "." in text or "e" in text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_doubles_survive(value: float) -> None:
    text = literals.array_literal(np.array([value])).strip().removesuffix(",")
    assert float(text) == value
    assert "." in text or "e" in text


def test_half_floats_are_their_bits() -> None:
    assert literals.array_literal(np.array([1.0, -0.0], np.float16)).strip() == "15360, 32768,"
    assert literals.c_type(np.dtype(np.float16)) == "uint16_t"


def test_the_smallest_integers_are_expressions() -> None:
    assert literals.array_literal(np.array([-(2**31), 1], np.int32)).strip() == "(-2147483647 - 1), 1,"
    assert literals.value_literal(-(2**31)) == "(-2147483647 - 1)"
    assert literals.value_literal(-(2**63)) == "(-9223372036854775807 - 1)"


def test_a_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        literals.float_literal(float("nan"))


@given(st.text())
def test_a_comment_neither_ends_nor_nests_early(text: str) -> None:
    safe = literals.comment(text)
    assert "*/" not in safe
    assert "/*" not in safe
    assert "//" not in safe
    assert "??" not in safe
    assert not safe.endswith("\\")
    assert safe.isprintable()
    assert safe.isascii()
