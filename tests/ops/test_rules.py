"""Every operator of the table: its module, its sample, and each of its rules broken."""

from __future__ import annotations

import importlib

import pytest

from simref.errors import UnsupportedError
from simref.graph import Layer
from simref.importers.tflite import import_tflite
from simref.ops import OPERATORS, check_layer, operator


def sample_layer(name: str) -> Layer:
    """The layer of that operator in the small valid model that the operator's own tests give."""
    model = importlib.import_module(f"tests.ops.test_{name.lower()}").sample()
    graph = import_tflite(model)
    (layer,) = [layer for layer in graph.layers if layer.op == name]
    return layer


def test_the_table_is_sorted_and_complete() -> None:
    assert list(OPERATORS) == sorted(set(OPERATORS))
    with pytest.raises(KeyError):
        operator("CONV_9D")


@pytest.mark.parametrize("name", OPERATORS)
def test_record(name: str) -> None:
    op = operator(name)
    assert op.name == name
    assert op.equation.startswith("y")
    assert op.rounding
    texts = [rule.text for rule in op.rules]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("name", OPERATORS)
def test_sample_is_accepted(name: str) -> None:
    layer = sample_layer(name)
    check_layer(layer)
    assert operator(name).macc(layer) >= 0


@pytest.mark.parametrize("name", OPERATORS)
def test_each_broken_rule_is_refused_in_one_line_that_names_the_layer(name: str) -> None:
    layer = sample_layer(name)
    for rule in operator(name).rules:
        broken = rule.broken(layer)
        assert rule.violation(broken) is not None, rule.text
        with pytest.raises(UnsupportedError) as refusal:
            check_layer(broken)
        message = str(refusal.value)
        assert message.startswith(f"{layer}: "), rule.text
        assert message.endswith(f"See 'simref supported-ops {name}'."), rule.text
        assert "\n" not in message, rule.text
