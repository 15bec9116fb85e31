"""What SOFTMAX and LOG_SOFTMAX of float32 share: rows less their largest element, so that exp stays below 1."""

from __future__ import annotations

from simref.graph import Array, Layer
from simref.ops._reduce_numbers import largest
from simref.ops._rows import AXIS
from simref.ops._rules import InputDtype, NotEmpty, Operands, OutputDtype, OutputShape, Rank, same_shape

MAX_RANK = 8

FLOAT_RULES = (
    Operands(1),
    InputDtype("input", 0, ("float32",)),
    OutputDtype(("float32",)),
    NotEmpty(),
    Rank("input", 0, 1, MAX_RANK),
    AXIS,
    OutputShape(same_shape),
)


def less_largest(rows: Array) -> Array:
    """(rows, count) less the largest element of each row."""
    return rows - largest(rows)[:, None]


def macc(layer: Layer) -> int:
    """Fifteen per element."""
    return 15 * layer.output.elements


def in_place(layer: Layer) -> tuple[int, ...]:
    """A row is read through before it is written, element by element."""
    return (0,)
