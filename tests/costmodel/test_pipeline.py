"""Every example costs what its source says, and every rule of every core decides at least one of them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from costmodel.core import Core, Timing, core_names, load_core
from tests.costmodel.examples import Example, examples, simulate


@pytest.mark.parametrize("example", examples(), ids=str)
def test_an_example_costs_what_its_source_says(example: Example) -> None:
    assert simulate(example, load_core(example.core)) == example.cycles


# Rules of a timing, and the value without effect. Its figures, issue and latency, stand in the golden tables.
_ATTRIBUTES: dict[str, Any] = {
    "registers_per_cycle": 0,
    "taken": 0,
    "pipelined_issue": None,
    "pipelines_after": frozenset(),
    "early_latency": None,
    "early_names": frozenset(),
    "early_slot": "either",
    "folds": "never",
    "taken_folds": "never",
    "pairs": "either",
}
_PIPELINE: dict[str, Any] = {
    "predicated_false": None,
    "wide_target_penalty": 0,
    "wide_run_penalty": 0,
    "pairs_narrow_only": False,
}


def without_one_rule(core: Core) -> Iterator[tuple[str, Core]]:
    """The core without each of its rules in turn, by the rule's name; kinds of one timing lose a rule together."""
    rules = core.pipeline
    for i, pairing in enumerate(rules.pairings):
        remaining = rules.pairings[:i] + rules.pairings[i + 1 :]
        yield f"{pairing}", replace(core, pipeline=replace(rules, pairings=remaining))
    for i, block in enumerate(rules.blocks):
        yield f"{block}", replace(core, pipeline=replace(rules, blocks=rules.blocks[:i] + rules.blocks[i + 1 :]))
    for name, value in _PIPELINE.items():
        if getattr(rules, name) != value:
            yield name, replace(core, pipeline=replace(rules, **{name: value}))
    alike: dict[str, list[Timing]] = {}
    for timing in core.timings.values():
        alike.setdefault(repr(replace(timing, kind="")), []).append(timing)
    for timings in alike.values():
        kinds = ", ".join(timing.kind for timing in timings)
        for name, value in _ATTRIBUTES.items():
            if getattr(timings[0], name) != value:
                changed = {timing.kind: replace(timing, **{name: value}) for timing in timings}
                yield f"{name} of {kinds}", replace(core, timings={**core.timings, **changed})
        for role in timings[0].latency_to:
            others = {other: cycles for other, cycles in timings[0].latency_to.items() if other != role}
            changed = {timing.kind: replace(timing, latency_to=others) for timing in timings}
            yield f"latency_to.{role} of {kinds}", replace(core, timings={**core.timings, **changed})


@pytest.mark.parametrize("name", core_names())
def test_every_rule_decides_an_example(name: str) -> None:
    core = load_core(name)
    own = [example for example in examples() if example.core == name]
    idle = [
        rule
        for rule, mutant in without_one_rule(core)
        if all(simulate(example, mutant) == example.cycles for example in own)
    ]
    assert not idle, f"tests/costmodel/examples.toml has no example of {name} that these decide:\n" + "\n".join(idle)
