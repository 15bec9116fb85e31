"""What is supported, told by the operators' own records: text for the command line, Markdown for the docs."""

from __future__ import annotations

import sys
from pathlib import Path

from simref.errors import UsageError
from simref.ops import OPERATORS, Op, operator

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
"""


def describe(name: str | None = None) -> str:
    """The text of one operator, or one line for each of them; raises UsageError for a name that is none."""
    if name is None:
        width = max(map(len, OPERATORS))
        return "\n".join(f"{op:<{width}}  {operator(op).equation}" for op in OPERATORS)
    if name.upper() not in OPERATORS:
        raise UsageError(f"{name} is no supported operator. See 'simref supported-ops' for those that are.")
    op = operator(name.upper())
    rules = "\n".join(f"  - {rule.text}" for rule in op.rules)
    caveat = f"\n  caveat: {op.caveat}" if op.caveat else ""
    return f"{op.name}\n  {op.equation}\n  rounding: {op.rounding}{caveat}\n  rules:\n{rules}"


def document() -> str:
    """The Markdown page of all operators: the table of roundings, then a section for each."""
    ops = [operator(name) for name in OPERATORS]
    rows = "".join(f"| {op.name} | {_cell(op.rounding)} |\n" for op in ops)
    sections = "\n".join(map(_section, ops))
    return f"{_INTRODUCTION}\n| operator | rounding |\n|---|---|\n{rows}\n## Rules\n\n{sections}"


def _section(op: Op) -> str:
    rules = "".join(f"- {rule.text}\n" for rule in op.rules)
    caveat = f"Caveat: {op.caveat}.\n\n" if op.caveat else ""
    return f"### {op.name}\n\n`{op.equation}`\n\n{caveat}{rules}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
