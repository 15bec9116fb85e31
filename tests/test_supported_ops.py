from __future__ import annotations

from pathlib import Path

import pytest

from simref.errors import UsageError
from simref.ops import OPERATORS, operator
from simref.supported_ops import describe, document

PAGE = Path(__file__).resolve().parent.parent / "docs" / "supported_ops.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(), "run `make generate`"


def test_a_line_for_each_operator() -> None:
    assert [line.split()[0] for line in describe().splitlines()] == list(OPERATORS)


def test_one_operator_is_described_by_its_rules_whatever_the_case() -> None:
    text = describe("conv_2d")
    assert text.splitlines()[0] == "CONV_2D"
    assert all(rule.text in text for form in operator("CONV_2D").forms for rule in form.rules)


def test_an_unknown_operator_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="CONV_9D is no supported operator"):
        describe("CONV_9D")
