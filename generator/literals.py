"""NumPy arrays and Python values as C text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from simref.graph import Array

_COLUMNS = 24
_C_TYPES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int16": "int16_t",
    "uint16": "uint16_t",
    "int32": "int32_t",
    "uint32": "uint32_t",
    "int64": "int64_t",
    "uint64": "uint64_t",
    "bool": "uint8_t",  # 0 or 1
    "float16": "uint16_t",  # its bits
    "float32": "float",
    "float64": "double",
}


def c_type(dtype: np.dtype[Any]) -> str:
    """The C99 type of a dtype, e.g. `int8_t`; raises KeyError for a dtype that kernels do not take."""
    return _C_TYPES[dtype.name]


def array_literal(array: Array) -> str:
    """The elements of an array in C order, comma separated, in lines of a fixed number of columns."""
    flat = np.ascontiguousarray(array).ravel()
    if flat.dtype == np.float16:
        flat = flat.view(np.uint16)
    double = flat.dtype == np.float64
    items = [float_literal(v, double=double) for v in flat] if flat.dtype.kind == "f" else _integer_items(flat)
    rows = (", ".join(items[i : i + _COLUMNS]) for i in range(0, len(items), _COLUMNS))
    return "".join(f"    {row},\n" for row in rows)


def _integer_items(flat: Array) -> list[str]:
    if flat.dtype == np.bool_:
        flat = flat.view(np.uint8)
    if flat.dtype == np.uint64:
        # No signed type holds the larger half of them.
        return [f"{value}u" for value in flat.tolist()]
    # INT32_MIN has no literal of its own in C: `-2147483648` is the negation of a long.
    minimum = np.iinfo(flat.dtype).min
    if flat.dtype.itemsize >= 4 and minimum < 0 and (flat == minimum).any():
        return [_integer_literal(value, minimum) for value in flat.tolist()]
    return list(map(str, flat.tolist()))


def _integer_literal(value: int, minimum: int) -> str:
    return f"({value + 1} - 1)" if value == minimum else str(value)


def float_literal(value: float | np.floating[Any], *, double: bool = False) -> str:
    """A float32, or a float64, with digits enough that every correctly rounding compiler reads back the same bits."""
    number, suffix = (float(value), "") if double else (float(np.float32(value)), "f")
    if np.isnan(number):
        raise ValueError("a NaN has no C literal")
    if np.isinf(number):
        return f"{'-' if number < 0 else ''}__builtin_inf{suffix}()"
    digits = f"{number:.17g}" if double else f"{number:.9g}"
    return f"{digits}{suffix}" if {".", "e"} & set(digits) else f"{digits}.0{suffix}"


def comment(text: str) -> str:
    """Text that can stand inside a C comment: printable ASCII that neither ends nor nests one."""
    printable = "".join(c if " " <= c <= "~" else "?" for c in text)
    return re.sub(r"[*/](?=[*/])", "_", printable).replace("??", "? ").rstrip("\\")


def value_literal(value: int | float | Sequence[int]) -> str:
    """A scalar or a short sequence of integers as an initializer."""
    if isinstance(value, Sequence):
        return "{" + ", ".join(value_literal(int(v)) for v in value) + "}"
    if isinstance(value, (float, np.floating)):
        return float_literal(value)
    number = int(value)
    return _integer_literal(number, -(2**31) if number >= -(2**31) else -(2**63))
