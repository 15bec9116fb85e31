"""What each core's model says of every instruction form is what the golden tables say."""

from __future__ import annotations

import csv

import pytest

from costmodel.classify import decode, isa_rows
from costmodel.core import core_names, load_core
from costmodel.errors import UnknownInstruction
from costmodel.program import load_program
from tests import timing
from tests.costmodel.programs import HEADER, build
from tests.models_present import ROOT

# Spellings that the assembler takes and the disassembler writes as another mnemonic of isa.toml.
_SYNONYMS = {"bcs", "bcc", "ldmia", "stmia"}


@pytest.mark.parametrize("core", core_names())
def test_the_table_is_the_golden_one(core: str) -> None:
    path = timing.FOLDER / f"{core}.csv"
    changed = f"{path.relative_to(ROOT)} says otherwise: if the change is meant, run `make golden`"
    assert timing.table(load_core(core)) == path.read_text(encoding="utf-8"), changed


def test_every_mnemonic_that_the_model_knows_has_a_form() -> None:
    covered = {decode(encoding).mnemonic for encoding, _ in timing.forms()}
    assert covered == set(isa_rows()) - _SYNONYMS


def test_every_kind_of_every_core_is_in_its_table() -> None:
    for name in core_names():
        core = load_core(name)
        kinds = {row["kind"] for row in csv.DictReader(timing.table(core).splitlines())}
        only_wide = set() if "armv7m" in core.isa else {"multiply"}
        assert kinds == set(core.timings) - only_wide, name


def test_the_encodings_are_what_the_assembler_makes_of_the_texts() -> None:
    forms = [(encoding, text) for encoding, text in timing.forms() if decode(encoding).kind != "it"]
    labelled = "".join(f"form{i}: {text}\n" for i, (_, text) in enumerate(forms))
    program = load_program(build(f"{HEADER}{labelled}", "cm33", flags=("-mfpu=fpv5-d16",)))
    segment = program.segments[0]
    for i, (encoding, text) in enumerate(forms):
        start = (program.symbols[f"form{i}"] & ~1) - segment.address
        assert segment.data[start : start + len(encoding)] == encoding, text


def test_a_form_that_the_model_does_not_know_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "forms", lambda: [(bytes.fromhex("22ef4408"), "vadd.i32 q0, q1, q2")])
    with pytest.raises(UnknownInstruction, match=r"Helium \(MVE\) instruction \(encoding 22ef4408\)"):
        timing.check_forms()
    with pytest.raises(UnknownInstruction, match="Helium"):
        timing.table(load_core("cm55"))
