"""What is supported, told by the operators' own records: text for the command line, Markdown for the docs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from simref.errors import UsageError
from simref.ops import OPERATORS, Form, Op, operator
from simref.ops._movement import MOVABLE

_INTRODUCTION = """\
# Supported operators

Written by `make generate` from the records of the operators (`simref/ops/`), which also check every layer: change
them, not this file. `simref supported-ops NAME` prints a section.

A layer that breaks a rule is refused by its name before any work. What the layers of a file become is said in
[formats.md](formats.md).

An operator has a form for each kind of numbers, with rules of its own; the dtype of one input, the first one for most
operators, decides which it is. "Any" is int8, uint8, int16, uint16, int32, uint32, int64, uint64, bool or float32.

## Rounding

How each form rounds. For int8 the oracle is TFLite's reference kernels (`BUILTIN_REF`), which do not agree on one way:
the functions are in `simref/fixedpoint.py`. For float32 it is the order of operations that [float32.md](float32.md)
states.

- double: the high half of a doubled product is rounded, then a right shift rounds again
  (`multiply_by_quantized_multiplier`).
- once: the value is rounded one time, in the way stated.
- none: the elements are moved or chosen, not computed.
- float32: each operation rounds to nearest even. Sums of products are fused (one rounding per multiply-add) on cores
  with an FPU and separate (two) on the others; the order of every sum is part of the operator. exp, tanh and their
  like are functions of this project, whose errors `float32.md` states.
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
    return dtype_names(form.dtypes(op.key))


def dtype_names(dtypes: Sequence[str]) -> str:
    """The dtypes in one line: "any" for all that can be moved."""
    return "any" if set(MOVABLE) <= set(dtypes) else ", ".join(dtypes)


def document() -> str:
    """The Markdown page of all operators: the table of roundings, then a section for each."""
    ops = [operator(name) for name in OPERATORS]
    rows = "".join(
        f"| {op.name} | {_dtypes(op, form)} | {table_cell(form.rounding)} |\n" for op in ops for form in op.forms
    )
    sections = "\n".join(map(_section, ops))
    table = f"| operator | numbers | rounding |\n|---|---|---|\n{rows}"
    return f"{_INTRODUCTION}\n{table}\n## Rules\n\n{sections}"


def _section(op: Op) -> str:
    forms = "\n".join(_form_section(op, form) for form in op.forms)
    return f"### {op.name}\n\n{_code(op.equation)}\n\n{forms}"


def _form_section(op: Op, form: Form) -> str:
    rules = "".join(f"- {rule.text}\n" for rule in form.rules)
    caveat = f"Caveat: {form.caveat}.\n\n" if form.caveat else ""
    title = f"For {_dtypes(op, form)}:\n\n" if len(op.forms) > 1 else ""
    return f"{title}{caveat}{rules}"


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def table_cell(text: str) -> str:
    """The text with no bar in it that would end a Markdown cell."""
    return text.replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
