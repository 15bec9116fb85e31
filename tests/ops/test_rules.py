"""Every operator of the table: its module, its sample, and each of its rules broken."""

from __future__ import annotations

import importlib

import pytest

from simref.errors import UnsupportedError
from simref.graph import Layer
from simref.importers.tflite import import_tflite
from simref.ops import OPERATORS, check_layer, operator


def sample_layers(name: str) -> list[Layer]:
    """Small valid layers that the operator's own tests give, one per form, in any order.

    `sample()` is a TFLite model with one layer of the operator, or a graph; `samples()` gives several.
    """
    module = importlib.import_module(f"tests.ops.test_{name.lower()}")
    made = module.samples() if hasattr(module, "samples") else [module.sample()]
    graphs = [import_tflite(model) if isinstance(model, bytes) else model for model in made]
    return [layer for graph in graphs for layer in graph.layers if layer.op == name]


def test_the_table_is_sorted_and_complete() -> None:
    assert list(OPERATORS) == sorted(set(OPERATORS))
    with pytest.raises(KeyError):
        operator("CONV_9D")


@pytest.mark.parametrize("name", OPERATORS)
def test_record(name: str) -> None:
    op = operator(name)
    assert op.name == name
    assert op.equation.startswith("y")
    seen: set[str] = set()
    for form in op.forms:
        assert form.rounding
        texts = [rule.text for rule in form.rules]
        assert len(set(texts)) == len(texts)
        dtypes = set(form.dtypes(op.key))
        assert dtypes, "no rule says which dtypes the form takes"
        assert not dtypes & seen, "two forms take one dtype"
        seen |= dtypes


@pytest.mark.parametrize("name", OPERATORS)
def test_a_sample_of_each_form_is_accepted(name: str) -> None:
    layers = sample_layers(name)
    for layer in layers:
        check_layer(layer)
        assert operator(name).macc(layer) >= 0
    shown = [operator(name).form(layer) for layer in layers]
    assert all(form in shown for form in operator(name).forms), "a form has no sample"


@pytest.mark.parametrize("name", OPERATORS)
def test_each_broken_rule_is_refused_in_one_line_that_names_the_layer(name: str) -> None:
    for layer in sample_layers(name):
        for rule in operator(name).form(layer).rules:
            broken = rule.broken(layer)
            assert rule.violation(broken) is not None, rule.text
            with pytest.raises(UnsupportedError) as refusal:
                check_layer(broken)
            message = str(refusal.value)
            assert message.startswith(f"{layer}: "), rule.text
            assert message.endswith(f"See 'simref supported-ops {name}'."), rule.text
            assert "\n" not in message, rule.text
