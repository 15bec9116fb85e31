"""Keras' layers that only move elements, and those that do nothing once a network is trained."""

from __future__ import annotations

import math

from simref.graph import Shape
from simref.importers.keras.call import LayerCall, Translator
from simref.importers.keras.spatial import channels_first, spatial_rank


def _dropped(call: LayerCall) -> int:
    """No layer: in inference it returns its input."""
    return call.x


def _flatten(call: LayerCall) -> int:
    """RESHAPE, channels last."""
    x, rank = call.x, call.rank(call.x, 1, 8)
    if channels_first(call) and rank > 2:
        x = call.transpose(x, (0, *range(2, rank), 1), "channels_last")
    return call.reshape(x, (call.shape(x)[0], math.prod(call.shape(x)[1:])))


def _reshape(call: LayerCall) -> int:
    """RESHAPE."""
    batch, *rest = call.shape(call.x)
    shape = resolved(call, call.config.integers("target_shape", low=-1), math.prod(rest))
    return call.reshape(call.x, (batch, *shape))


def resolved(call: LayerCall, target: Shape, elements: int) -> Shape:
    """A shape with at most one -1, which takes what is left of the elements."""
    known = math.prod(size for size in target if size != -1)
    if target.count(-1) > 1 or known == 0 or elements % known:
        call.config.damaged(f"its shape is {target}, must hold {elements} elements")
    return tuple(elements // known if size == -1 else size for size in target)


def _permute(call: LayerCall) -> int:
    """TRANSPOSE."""
    rank = len(call.shape(call.x))
    dims = call.config.integers("dims", rank - 1, high=rank - 1)
    if len(set(dims)) < len(dims):
        call.config.damaged(f"dims are {dims}, must name each dimension once")
    return call.transpose(call.x, (0, *dims))


def _repeat_vector(call: LayerCall) -> int:
    """RESHAPE and TILE."""
    call.rank(call.x, 2)
    batch, features = call.shape(call.x)
    row = call.reshape(call.x, (batch, 1, features), "row")
    return call.emit("TILE", row, multiples=(1, call.config.integer("n"), 1))


def _borders(call: LayerCall, name: str) -> tuple[tuple[int, int], ...]:
    """(before, after) for each dimension of the input, of a setting with one, two or two times two numbers."""
    rank = spatial_rank(call)
    call.rank(call.x, rank + 2)
    stored = call.config.get(name)
    listed = stored if isinstance(stored, list) else [stored] * (2 if rank == 1 else rank)
    if rank == 1:
        listed = [listed]
    if len(listed) != rank:
        call.config.damaged(f"{name} has {len(listed)} entries, must have {rank}")
    spatial = [_border(call, name, entry) for entry in listed]
    return ((0, 0), (0, 0), *spatial) if channels_first(call) else ((0, 0), *spatial, (0, 0))


def _border(call: LayerCall, name: str, entry: object) -> tuple[int, int]:
    config = call.config.with_field(name, entry)
    before, after = config.integers(name, 2, low=0)
    return before, after


def _zero_padding(call: LayerCall) -> int:
    """PAD."""
    return call.emit("PAD", call.x, pads=_borders(call, "padding"), value=0.0)


def _cropping(call: LayerCall) -> int:
    """SLICE."""
    borders = _borders(call, "cropping")
    size = tuple(n - low - high for n, (low, high) in zip(call.shape(call.x), borders, strict=True))
    if min(size) < 1:
        call.config.damaged(f"cropping leaves the shape {size}, must leave elements")
    return call.emit("SLICE", call.x, begin=tuple(low for low, _ in borders), size=size)


_TRAINING_ONLY = (
    "Dropout",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "GaussianNoise",
    "GaussianDropout",
    "AlphaDropout",
    "ActivityRegularization",
    "Identity",
)

TRANSLATORS: dict[str, Translator] = {
    **dict.fromkeys(_TRAINING_ONLY, _dropped),
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Permute": _permute,
    "RepeatVector": _repeat_vector,
    "ZeroPadding1D": _zero_padding,
    "ZeroPadding2D": _zero_padding,
    "Cropping1D": _cropping,
    "Cropping2D": _cropping,
}
