"""ONNX's own node tests: what the importer takes must be right, and it must take most of what it claims."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.onnx_conformance import CRASHED, PASS, WRONG, Outcome, outcomes, parts, passed, totals

# Of the tests of listed operators, whatever their types, and of those whose types kernels compute with.
LISTED_SHARE = 0.8
COMPUTED_SHARE = 0.9


@pytest.fixture(scope="module")
def found() -> list[Outcome]:
    return outcomes()


def test_no_node_test_is_wrong_or_crashes(found: list[Outcome]) -> None:
    assert [f"{o.result} {o.name}: {o.reason}" for o in found if o.result in (WRONG, CRASHED)] == []


def test_most_of_the_listed_node_tests_pass(
    found: list[Outcome], record_property: Callable[[str, object], None]
) -> None:
    record_property("summary", "\n".join(["ONNX node tests", *totals(found)]))
    _, listed, computed = parts(found).values()
    assert len(computed) > 600
    assert passed(listed) >= LISTED_SHARE
    assert passed(computed) >= COMPUTED_SHARE


def test_a_refusal_is_one_line(found: list[Outcome]) -> None:
    assert [o.name for o in found if o.result != PASS and "\n" in o.reason] == []
