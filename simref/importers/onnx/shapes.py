"""Static shapes of inputs: an open batch is 1, what else a file leaves open the user must say."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from simref.errors import UnsupportedError
from simref.graph import Shape
from simref.importers.onnx.reader import Dimension, Input
from simref.importers.onnx.tensor import checked_shape

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
        check_fits(declared, given)
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


def check_fits(declared: Input, given: Shape) -> None:
    """Raise UnsupportedError for a shape that contradicts the declared one; only what is declared empty may be so."""
    dimensions = declared.dimensions
    sizes: Sequence[Dimension] = (None,) * len(given) if dimensions is None else dimensions
    pairs = zip(sizes, given, strict=False)
    if len(sizes) != len(given) or not all(size == n or (_is_open(size) and n > 0) for size, n in pairs):
        raise UnsupportedError(
            f'input "{declared.name}" cannot have the shape {given}, the file says {_said(dimensions)}'
        )


def _said(dimensions: Sequence[Dimension] | None) -> str:
    return "nothing" if dimensions is None else str(tuple("?" if d is None else d for d in dimensions))
