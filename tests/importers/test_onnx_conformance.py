"""ONNX's own node tests: what the importer takes must be right, and it must take most of what it claims."""

from __future__ import annotations

import pytest

from tests.onnx_conformance import CRASHED, PASS, WRONG, Outcome, outcomes

# Of the tests whose operators have converters and whose types have kernels.
LISTED_SHARE = 0.9


@pytest.fixture(scope="module")
def found() -> list[Outcome]:
    return outcomes()


def test_no_node_test_is_wrong_or_crashes(found: list[Outcome]) -> None:
    assert [f"{o.result} {o.name}: {o.reason}" for o in found if o.result in (WRONG, CRASHED)] == []


def test_most_of_the_listed_node_tests_pass(found: list[Outcome]) -> None:
    listed = [o for o in found if o.listed]
    assert len(listed) > 500
    assert sum(o.result == PASS for o in listed) >= LISTED_SHARE * len(listed)


def test_a_refusal_is_one_line(found: list[Outcome]) -> None:
    assert [o.name for o in found if o.result != PASS and "\n" in o.reason] == []
