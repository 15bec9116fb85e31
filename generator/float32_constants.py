"""The constants of simref.float32 as a C header: `python -m generator.float32_constants runtime_c/constants_f32.h`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from simref.float32 import constants

from .literals import float_literal

_HEAD = """\
/* Written by `make generate` from simref/float32/constants.py, which says what the numbers are. */
#ifndef SIMREF_CONSTANTS_F32_H
#define SIMREF_CONSTANTS_F32_H

#include "float32.h"
"""


def header() -> str:
    """Every constant as a macro, then every polynomial as a function in Horner's form."""
    values = vars(constants).items()
    macros = "\n".join(f"#define SIMREF_{name} {text}" for name, value in values if (text := _literal(value)))
    functions = [_polynomial(name, value) for name, value in values if isinstance(value, tuple)]
    return "\n".join([_HEAD, f"/* clang-format off */\n{macros}\n/* clang-format on */\n", *functions, "#endif\n"])


def _literal(value: object) -> str:
    """A number or a list of integers in C, nothing for other things."""
    if isinstance(value, np.ndarray):
        words = [f"{word:#x}" for word in value]
        return ", ".join(f"{word}{'u' if value.min() >= 0 else 'll'}" for word in words)
    if isinstance(value, np.float32):
        return float_literal(value)
    return f"{value:#x}u" if isinstance(value, int) else ""


def _polynomial(name: str, coefficients: tuple[np.float32, ...]) -> str:
    first, *others = (float_literal(coefficient) for coefficient in coefficients)
    lines = [f"static inline float simref_{name.lower()}_f32(float x) {{", f"    float y = {first};"]
    lines += [f"    y = simref_fma_f32(y, x, {other});" for other in others]
    return "\n".join([*lines, "    return y;", "}\n"])


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(header(), encoding="utf-8")
