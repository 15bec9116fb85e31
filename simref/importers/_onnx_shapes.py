"""Static shapes of inputs: an open batch is 1, what else a file leaves open the user must say."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from simref.errors import UnsupportedError
from simref.graph import Shape
from simref.importers._onnx_reader import Dimension, Input
from simref.importers._onnx_tensor import checked_shape

# What exporters call the dimension of samples, wherever it stands.
BATCH_NAMES = frozenset(("N", "batch", "batch_size", "unk__batch"))
# The largest element of an input, in bytes.
ITEMSIZE = 8


def batch_names(inputs: Sequence[Input]) -> frozenset[str]:
    """Names of dimensions that are the batch: the usual ones, and those that begin an input's shape."""
    first = (declared.dimensions[0] for declared in inputs if declared.dimensions)
    return BATCH_NAMES.union(name for name in first if isinstance(name, str))


def static_shape(declared: Input, given: Shape | None, batches: Collection[str]) -> Shape:
    """The input's shape, as given or as declared.

    Raises UnsupportedError for an open dimension that nothing settles, and for a given shape that does not fit.
    """
    where, dimensions = f'input "{declared.name}"', declared.dimensions
    if given is not None:
        if not _fits(dimensions, given):
            raise UnsupportedError(f"{where} cannot have the shape {given}, the file says {_said(dimensions)}")
        return checked_shape(given, ITEMSIZE, where)
    if dimensions is None:
        raise UnsupportedError(f"{where} has no shape; give one with --input-shape {declared.name}=1,3,224,224")
    for position, size in enumerate(dimensions):
        if _is_open(size) and position > 0 and size not in batches:
            shown = f'"{size}"' if size else "open"
            first = 1 if _is_open(dimensions[0]) else dimensions[0]
            example = ",".join("…" if _is_open(d) else str(d) for d in (first, *dimensions[1:]))
            raise UnsupportedError(
                f"{where}: dimension {position} is {shown}; set it with --input-shape {declared.name}={example}"
            )
    return checked_shape((1 if isinstance(size, str) else size or 1 for size in dimensions), ITEMSIZE, where)


def _is_open(dimension: Dimension) -> bool:
    return not isinstance(dimension, int) or dimension == 0


def _fits(dimensions: Sequence[Dimension] | None, given: Shape) -> bool:
    if min(given, default=1) < 1:
        return False
    if dimensions is None:
        return True
    return len(dimensions) == len(given) and all(_is_open(d) or d == n for d, n in zip(dimensions, given, strict=True))


def _said(dimensions: Sequence[Dimension] | None) -> str:
    return "nothing" if dimensions is None else str(tuple("?" if d is None else d for d in dimensions))
