from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from simref.errors import UsageError
from simref.formats import describe, document, names, summary
from simref.importers.keras.layers import TRANSLATORS
from simref.importers.onnx import CONVERTERS
from simref.ops import OPERATORS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "formats.md"
# Words of capitals with an underscore, which are names of operators only.
NAME = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(), "run `make generate`"


def test_every_table_has_its_place() -> None:
    assert "<!--" not in document()


@pytest.mark.parametrize("file_format", ["tflite", "keras", "onnx"])
def test_every_name_is_told_what_it_becomes(file_format: str) -> None:
    found = names(file_format)
    assert [name for name, text in found.items() if not text.strip()] == []
    assert [line.split()[0] for line in describe(file_format).splitlines()] == list(found)


@pytest.mark.parametrize("file_format", ["keras", "onnx"])
def test_the_operators_that_are_told_exist(file_format: str) -> None:
    told = {word for text in names(file_format).values() for word in NAME.findall(text)}
    assert told
    assert told <= set(OPERATORS)


def test_the_tables_are_those_of_the_importers() -> None:
    assert set(names("keras")) == set(TRANSLATORS)
    assert set(CONVERTERS) <= set(names("onnx"))


def test_one_name_is_described_whatever_the_case() -> None:
    assert describe("keras", "dense").startswith("Dense  FULLY_CONNECTED")


def test_unknown_formats_and_names_are_usage_errors() -> None:
    with pytest.raises(UsageError, match='--format is "torch", must be tflite, keras, onnx'):
        describe("torch")
    with pytest.raises(UsageError, match="Lambda is not read from keras files"):
        describe("keras", "Lambda")


def test_a_summary_names_the_operator_that_a_function_is_bound_to() -> None:
    def write(call: object, op: str) -> str:
        """{op} of
        all inputs.

        More.
        """
        return op

    assert summary(partial(write, op="ADD")) == "ADD of all inputs"
