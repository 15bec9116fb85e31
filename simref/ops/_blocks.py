"""What DEPTH_TO_SPACE and SPACE_TO_DEPTH share: blocks of pixels as channels of one pixel, NHWC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from simref.errors import ModelError
from simref.graph import Array, Layer
from simref.ops._movement import movement_rules
from simref.ops._rules import Custom, InRange, Operands, Rule

MAX_BLOCK = 255


@dataclass(frozen=True)
class Attributes:
    """block_size: rows and columns of a block.

    mode: how the channels of a block lie in the deep image. "DCR": (row, column, channel), as TFLite and Keras have
    them; "CRD": (channel, row, column), as PyTorch's pixel shuffle has them.
    """

    block_size: int
    mode: Literal["DCR", "CRD"] = "DCR"


def attributes(options: Any, layer: Layer) -> Attributes:
    """The options' block size."""
    if options is None:
        raise ModelError("has no options, must have a block size")
    return Attributes(int(options.BlockSize()))


def block_rules(misfit: Custom) -> tuple[Rule, ...]:
    """The rules of both operators, but for the output's shape."""
    return (Operands(1), *movement_rules(low=4, high=4), InRange("block_size", 1, MAX_BLOCK), misfit)


def blocks_of_deep(x: Array, a: Attributes) -> Array:
    """View (samples, n, h, w, block * block * c) as (samples, n, h, row, w, column, c)."""
    channels = x.shape[-1] // a.block_size**2
    if a.mode == "DCR":
        split = x.reshape(*x.shape[:-1], a.block_size, a.block_size, channels)
        return split.transpose(0, 1, 2, 4, 3, 5, 6)
    split = x.reshape(*x.shape[:-1], channels, a.block_size, a.block_size)
    return split.transpose(0, 1, 2, 5, 3, 6, 4)


def blocks_of_wide(x: Array, a: Attributes) -> Array:
    """View (samples, n, h * block, w * block, c) as (samples, n, h, row, w, column, c)."""
    samples, batches, height, width, channels = x.shape
    block = a.block_size
    return x.reshape(samples, batches, height // block, block, width // block, block, channels)
