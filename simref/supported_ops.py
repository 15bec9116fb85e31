"""What is supported, told by the operators' own records: text for the command line, Markdown for the docs."""

from __future__ import annotations

import sys
from pathlib import Path

from simref.errors import UsageError
from simref.ops import OPERATORS, Form, Op, operator

_INTRODUCTION = """\
# Supported operators

Written by `make generate` from the records of the operators (`simref/ops/`), which also check every layer: change
them, not this file. `simref supported-ops NAME` prints a section.

A layer that breaks a rule is refused by its name before any work. Three more things happen at import: arithmetic on
shapes and other stored values is computed, SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND around a convolution become one
dilated convolution, and what no output needs is dropped.

## Rounding

How each operator turns its exact result into the output's integers; the oracle is TFLite's reference kernels
(`BUILTIN_REF`), which do not agree on one way. The functions are in `simref/fixedpoint.py`.

- double: the high half of a doubled product is rounded, then a right shift rounds again
  (`multiply_by_quantized_multiplier`).
- once: the value is rounded one time, in the way stated.
- none: the elements are moved or chosen, not computed.
- float32: each operation rounds to nearest even. Sums of products are fused (one rounding per multiply-add) on cores
  with an FPU and separate (two) on the others; the order of every sum is part of the operator (`float32.md`).
"""


def describe(name: str | None = None) -> str:
    """The text of one operator, or one line for each of them; raises UsageError for a name that is none."""
    if name is None:
        width = max(map(len, OPERATORS))
        return "\n".join(f"{op:<{width}}  {operator(op).equation}" for op in OPERATORS)
    if name.upper() not in OPERATORS:
        raise UsageError(f"{name} is no supported operator. See 'simref supported-ops' for those that are.")
    op = operator(name.upper())
    return "\n".join([op.name, f"  {op.equation}", *(line for form in op.forms for line in _form_text(op, form))])


def _form_text(op: Op, form: Form) -> list[str]:
    caveat = [f"  caveat: {form.caveat}"] if form.caveat else []
    title = f"  {_dtypes(op, form)}"
    return [title, f"  rounding: {form.rounding}", *caveat, "  rules:", *(f"  - {rule.text}" for rule in form.rules)]


def _dtypes(op: Op, form: Form) -> str:
    return ", ".join(form.dtypes(op.key))


def document() -> str:
    """The Markdown page of all operators: the table of roundings, then a section for each."""
    ops = [operator(name) for name in OPERATORS]
    rows = "".join(f"| {op.name} | {_dtypes(op, form)} | {_cell(form.rounding)} |\n" for op in ops for form in op.forms)
    sections = "\n".join(map(_section, ops))
    table = f"| operator | numbers | rounding |\n|---|---|---|\n{rows}"
    return f"{_INTRODUCTION}\n{table}\n## Rules\n\n{sections}"


def _section(op: Op) -> str:
    forms = "\n".join(_form_section(op, form) for form in op.forms)
    return f"### {op.name}\n\n`{op.equation}`\n\n{forms}"


def _form_section(op: Op, form: Form) -> str:
    rules = "".join(f"- {rule.text}\n" for rule in form.rules)
    caveat = f"Caveat: {form.caveat}.\n\n" if form.caveat else ""
    title = f"For {_dtypes(op, form)}:\n\n" if len(op.forms) > 1 else ""
    return f"{title}{caveat}{rules}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
